extension Page {
  /// All images: how they come, wait and go; copying, and the key.
  static let galleryScript = #"""
    // MARK: All images

    /** Captions cards one after the other, two at a time. */
    const queue = {
      waiting: [],
      running: 0,

      add(card) {
        card.showStatus("Waiting");
        this.waiting.push(card);
        this.run();
      },

      async run() {
        if (this.running === 2 || !this.waiting.length) return;
        this.running += 1;
        const card = this.waiting.shift();
        if (!card.stop.signal.aborted) await card.caption();
        this.running -= 1;
        this.run();
      },
    };

    const gallery = {
      cards: [],

      add(files) {
        const images = [...files].filter((file) => file.type.startsWith("image/"));
        const others = files.length - images.length;
        showProblem(others ? `${others === 1 ? "One file is" : `${others} files are`} no image, and left out.` : "");
        for (const image of images) {
          const card = new Card(image, (card) => this.forget(card));
          this.cards.push(card);
          part("#gallery").append(card.element);
          queue.add(card);
        }
        this.update();
      },

      /** The keyboard goes on at the next card. */
      forget(card) {
        const index = this.cards.indexOf(card);
        this.cards.splice(index, 1);
        this.update();
        const next = this.cards[index] ?? this.cards[index - 1];
        (next?.part(".remove") ?? part("#files")).focus();
      },

      clear() {
        for (const card of [...this.cards]) card.remove();
      },

      update() {
        part("#captions").hidden = !this.cards.length;
      },
    };

    function showProblem(text) {
      part("#problem").textContent = text;
      part("#problem").hidden = !text;
    }

    /** For those who listen. */
    function say(text) {
      part("#status").textContent = text;
    }

    // MARK: Copying

    /** A caption as HTML's attribute. */
    function attribute(text) {
      const names = { "&": "amp", '"': "quot", "<": "lt", ">": "gt" };
      return `alt="${text.replaceAll(/[&"<>]/g, (letter) => `&${names[letter]};`)}"`;
    }

    async function copy(text, button) {
      const isWritten = navigator.clipboard?.writeText(text).then(() => true, () => false) ?? false;
      const isCopied = (await isWritten) || copyOldWay(text);
      say(isCopied ? "Copied" : "Copying isn't allowed here");
      const label = button.textContent;
      if (button.dataset.busy) return;
      button.dataset.busy = "yes";
      button.textContent = isCopied ? "Copied" : "Not allowed";
      setTimeout(() => {
        button.textContent = label;
        delete button.dataset.busy;
      }, 1500);
    }

    /** Over plain HTTP from another machine, browsers have no clipboard for pages. */
    function copyOldWay(text) {
      const [field, focused] = [document.createElement("textarea"), document.activeElement];
      field.value = text;
      field.className = "unseen";
      document.body.append(field);
      field.select();
      const isCopied = document.execCommand("copy");
      field.remove();
      focused?.focus();
      return isCopied;
    }

    // MARK: The key

    const key = { dialog: part("#key"), waiting: new Set() };

    /** Asks for the server's key, then goes on with a card. */
    function askForKey(card) {
      if (card) key.waiting.add(card);
      if (key.dialog.open) return;
      key.dialog.returnValue = "";
      key.dialog.showModal();
    }

    key.dialog.addEventListener("close", () => {
      const [cards, value] = [[...key.waiting], part("#key-value").value];
      key.waiting.clear();
      if (key.dialog.returnValue !== "use" || !value) return;
      server.useKey(value);
      start();
      cards.filter((card) => !card.stop.signal.aborted).forEach((card) => queue.add(card));
    });

    // MARK: Taking images

    const drop = part("#drop");

    // A phone opens its camera; elsewhere this would choose files once more.
    part("#camera-label").hidden = !navigator.maxTouchPoints;

    for (const input of [part("#files"), part("#camera")]) {
      input.addEventListener("change", () => {
        gallery.add(input.files);
        input.value = "";
      });
    }
    for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
    document.addEventListener("dragover", () => drop.classList.add("over"));
    document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
    document.addEventListener("drop", (event) => {
      drop.classList.remove("over");
      if (event.dataTransfer.files.length) gallery.add(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) gallery.add(event.clipboardData.files);
    });
    part("#clear").addEventListener("click", () => gallery.clear());
    part("#options").addEventListener("submit", (event) => event.preventDefault());
    new ResizeObserver(() => gallery.cards.forEach((card) => card.look(card.seen))).observe(part("#gallery"));

    // MARK: Start

    async function start() {
      try {
        const info = await server.info();
        options.offer(info.models ?? []);
        if (info.requires_key && !server.key) askForKey();
      } catch (failure) {
        showProblem(failure.message);
      }
    }

    start();

    """#
}
