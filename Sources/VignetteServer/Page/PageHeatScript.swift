extension Page {
  /// How it draws where the model looked.
  static let heatScript = #"""
    // MARK: Where the model looked

    /** From nothing by red and orange to a light yellow, as in the command's figures. */
    const heat = [[0, 120, 20, 60], [0.4, 214, 60, 40], [0.75, 250, 150, 40], [1, 255, 240, 150]];

    function colour(value) {
      const next = Math.max(1, heat.findIndex(([at]) => at >= value));
      const [low, high] = [heat[next - 1], heat[next]];
      const share = (value - low[0]) / (high[0] - low[0]);
      return [1, 2, 3].map((channel) => low[channel] + share * (high[channel] - low[channel]));
    }

    /** Weights as a small image, a pixel for each cell; the greatest is the brightest. */
    function heatImage(weights, { rows, columns }) {
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext("2d");
      const image = context.createImageData(columns, rows);
      const greatest = Math.max(...weights, Number.MIN_VALUE);
      weights.forEach((weight, cell) => {
        const value = weight / greatest;
        image.data.set([...colour(value), 255 * Math.min(0.85, 1.1 * value)], 4 * cell);
      });
      context.putImageData(image, 0, 0);
      return canvas;
    }

    /** Draws weights over an image that `canvas` lies on; none clear it. */
    function drawHeat(canvas, weights, attention) {
      const scale = window.devicePixelRatio || 1;
      [canvas.width, canvas.height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
      const context = canvas.getContext("2d");
      if (!weights) return;
      context.fillStyle = "rgb(12 10 20 / .55)";
      context.fillRect(0, 0, canvas.width, canvas.height);
      const { x, y, width, height } = attention.crop;
      context.imageSmoothingQuality = "high";
      context.scale(canvas.width, canvas.height);
      context.drawImage(heatImage(weights, attention), x, y, width, height);
    }

    /** The ninth of the image that got the most, in words. */
    function region(weights, { rows, columns, crop }) {
      const names = [
        "at the top left", "at the top", "at the top right", "on the left", "in the middle", "on the right",
        "at the bottom left", "at the bottom", "at the bottom right",
      ];
      const shares = new Array(9).fill(0);
      const third = (share) => Math.min(2, Math.max(0, Math.floor(3 * share)));
      weights.forEach((weight, cell) => {
        const across = crop.x + (crop.width * ((cell % columns) + 0.5)) / columns;
        const down = crop.y + (crop.height * (Math.floor(cell / columns) + 0.5)) / rows;
        shares[3 * third(down) + third(across)] += weight;
      });
      return names[shares.indexOf(Math.max(...shares))];
    }

    """#
}
