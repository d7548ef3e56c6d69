extension Page {
  /// One image with its captions.
  static let cardScript = #"""
    // MARK: One image

    class Card {
      /** @param done called when it is removed. */
      constructor(image, done) {
        this.image = image;
        this.done = done;
        this.element = part("#card").content.firstElementChild.cloneNode(true);
        this.stop = new AbortController();
        this.captions = [];
        this.shown = null;
        this.pinned = null;
        const view = this.part("img");
        this.url = URL.createObjectURL(image);
        view.addEventListener("error", () => view.classList.add("broken"));
        view.src = this.url;
        this.part(".name").textContent = image.name;
        this.part(".remove").setAttribute("aria-label", `Remove ${image.name}`);
        this.listen();
      }

      part(name) {
        return part(name, this.element);
      }

      listen() {
        this.part(".remove").addEventListener("click", () => this.remove());
        this.part(".again").addEventListener("click", () => queue.add(this));
        this.part(".copy-text").addEventListener("click", ({ target }) => copy(this.shown.text, target));
        this.part(".copy-alt").addEventListener("click", ({ target }) => copy(attribute(this.shown.text), target));
        this.part(".layers select").addEventListener("change", () => this.look(this.pinned));
        const words = this.part(".words");
        words.addEventListener("pointerover", ({ target }) => this.look(target.word ?? this.pinned));
        words.addEventListener("pointerleave", () => this.look(this.pinned));
        words.addEventListener("focusin", ({ target }) => this.look(target.word ?? this.pinned));
        words.addEventListener("focusout", () => this.look(this.pinned));
        words.addEventListener("click", ({ target }) => target.word && this.pin(target.word));
        words.addEventListener("keydown", (event) => this.move(event));
      }

      // Captioning

      async caption() {
        this.showStatus("Captioning");
        this.element.setAttribute("aria-busy", "true");
        try {
          for (let tries = 1; ; tries += 1) {
            try {
              await this.follow();
              break;
            } catch (failure) {
              if (!failure.wait || tries === 5) throw failure;
              this.showStatus(`The server is busy; trying again in ${failure.wait} s`);
              await new Promise((resolve) => setTimeout(resolve, 1000 * failure.wait));
              if (this.stop.signal.aborted) return;
            }
          }
        } catch (failure) {
          if (failure.name === "AbortError") return;
          this.showFailure(failure);
          if (failure.status === 401) askForKey(this);
        } finally {
          this.element.setAttribute("aria-busy", "false");
        }
      }

      async follow() {
        let text = "";
        let isOver = false;
        for await (const { name, data } of server.caption(this.image, options.values, this.stop.signal)) {
          if (name === "token") this.showStream((text += data.token.text));
          if (name === "caption") this.showCaptions(data.captions);
          if (name === "error") throw new Failure(data.error.message);
          isOver ||= name === "caption";
        }
        if (!isOver) throw new Failure("The connection ended before the caption did.");
      }

      remove() {
        this.stop.abort();
        URL.revokeObjectURL(this.url);
        this.element.remove();
        this.done(this);
      }

      // What is shown

      show(names) {
        for (const name of [".progress", ".stream", ".words", ".where", ".problem", ".others", ".layers", ".copy-text",
          ".copy-alt", ".again"]) this.part(name).hidden = !names.includes(name);
      }

      showStatus(text) {
        this.show([".progress"]);
        this.part(".progress").textContent = text;
      }

      showStream(text) {
        this.show([".stream"]);
        this.part(".stream").textContent = text;
      }

      showFailure({ message }) {
        this.show([".problem", ".again"]);
        this.part(".problem").textContent = message;
        say(`${this.image.name}: ${message}`);
      }

      showCaptions(captions) {
        this.captions = captions;
        const list = captions.map((caption) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "other";
          const score = document.createElement("span");
          score.className = "score";
          score.textContent = (caption.score ?? caption.log_probability).toFixed(2).replace("-", "\u2212");
          score.title = caption.score === undefined ? "Log-probability" : "Score of the search";
          const text = document.createElement("span");
          text.textContent = caption.text;
          button.append(text, score);
          button.addEventListener("click", () => this.choose(caption));
          const item = document.createElement("li");
          item.append(button);
          return item;
        });
        this.part(".others ol").replaceChildren(...list);
        this.choose(captions[0]);
        say(`${this.image.name}: ${captions[0].text}`);
      }

      /** Shows one of the image's captions. */
      choose(caption) {
        this.shown = caption;
        this.pinned = null;
        const { attention } = caption;
        this.show([".words", ".copy-text", ".copy-alt", ...(attention?.words.length ? [".where"] : []),
          ...(attention?.words[0]?.layers?.length > 1 ? [".layers"] : []),
          ...(this.captions.length > 1 ? [".others"] : [])]);
        this.part("img").alt = caption.text;
        this.part(".words").replaceChildren(...pieces(caption));
        const layers = attention?.words[0]?.layers ?? [];
        this.part(".layers select").replaceChildren(
          new Option("all layers", ""), ...layers.map((_, layer) => new Option(`layer ${layer + 1}`, layer)));
        this.part(".others ol").childNodes.forEach((item, index) =>
          item.firstChild.setAttribute("aria-pressed", this.captions[index] === caption));
        this.look(null);
      }

      // Looking

      get words() {
        return [...this.part(".words").querySelectorAll("button")];
      }

      /** Shows where the model looked for a word; nothing for none. */
      look(word) {
        this.seen = word;
        const { attention } = this.shown ?? {};
        const layer = this.part(".layers select").value;
        const weights = word && (layer === "" ? word.weights : word.layers[layer]);
        drawHeat(this.part("canvas"), weights, attention);
        this.part(".where").textContent = word
          ? `“${word.text}”: most ${region(weights, attention)}`
          : "Point at a word to see where the model looked.";
      }

      /** Keeps a word's map, or lets it go. */
      pin(word) {
        this.pinned = this.pinned === word ? null : word;
        for (const button of this.words) button.setAttribute("aria-pressed", button.word === this.pinned);
        this.look(word);
      }

      /** Arrow keys go from word to word, as in any toolbar; Escape lets go. */
      move(event) {
        const { words } = this;
        const at = words.indexOf(document.activeElement);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: words.length - 1 }[event.key];
        if (event.key === "Escape" && this.pinned) this.pin(this.pinned);
        if (to === undefined || at < 0) return;
        event.preventDefault();
        const next = words[(to + words.length) % words.length];
        for (const word of words) word.tabIndex = word === next ? 0 : -1;
        next.focus();
      }
    }

    /** A caption's text, its words as buttons where it is known what they looked at. */
    function pieces({ text, attention }) {
      const result = [];
      let end = 0;
      for (const word of attention?.words ?? []) {
        const start = text.indexOf(word.text, end);
        if (start < 0) continue;
        result.push(text.slice(end, start));
        end = start + word.text.length;
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "word", textContent: word.text, word });
        button.tabIndex = result.length > 1 ? -1 : 0;
        button.setAttribute("aria-pressed", "false");
        result.push(button);
      }
      return [...result, text.slice(end)];
    }

    """#
}
