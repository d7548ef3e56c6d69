extension Page {
  /// How the page asks the server, and with what options.
  static let serverScript = #"""
    // Images in, captions out, and where the model looked for each word.

    const part = (name, within = document) => within.querySelector(name);

    // MARK: The server

    /** What went wrong, in words for people. */
    class Failure extends Error {
      constructor(message, { status = 0, wait = 0 } = {}) {
        super(message);
        this.status = status;
        /** Seconds after which another try makes sense; 0 for none. */
        this.wait = wait;
      }

      static async of(response) {
        const answer = await response.json().catch(() => ({}));
        const told = answer.results?.[0]?.error?.message ?? answer.error?.message;
        const wait = [429, 503].includes(response.status) ? Number(response.headers.get("Retry-After")) || 2 : 0;
        const { status } = response;
        return new Failure(told ?? `The server answered with status ${status}.`, { status, wait });
      }
    }

    const server = {
      /** For this window alone. */
      key: sessionStorage.getItem("key") ?? "",

      useKey(key) {
        this.key = key;
        sessionStorage.setItem("key", key);
      },

      async ask(path, request = {}) {
        const headers = { ...request.headers, ...(this.key && { Authorization: `Bearer ${this.key}` }) };
        const response = await fetch(path, { ...request, headers }).catch((error) => {
          throw error.name === "AbortError" ? error : new Failure("The server can't be reached. Is it still running?");
        });
        if (!response.ok) throw await Failure.of(response);
        return response;
      },

      async info() {
        return (await this.ask("api/v1/info")).json();
      },

      /** The events of one image's captioning. */
      async *caption(image, options, signal) {
        const body = new FormData();
        body.append("image", image, image.name);
        for (const [name, value] of Object.entries(options)) body.append(name, value);
        const response = await this.ask("api/v1/caption", {
          method: "POST", body, signal, headers: { Accept: "text/event-stream" },
        });
        yield* events(response.body);
      },
    };

    /** Server-sent events: their names and what their data, JSON, says. */
    async function* events(body) {
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      let [rest, name, data] = ["", "message", ""];
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines.map((line) => line.replace(/\r$/, ""))) {
          if (line.startsWith("event:")) name = line.slice(6).trim();
          if (line.startsWith("data:")) data += line.slice(5);
          if (line !== "") continue;
          if (data) yield { name, data: JSON.parse(data) };
          [name, data] = ["message", ""];
        }
      }
    }

    // MARK: Options

    const options = {
      model: part("#model"), search: part("#search"), count: part("#count"), tokens: part("#tokens"),

      offer(models) {
        this.model.replaceChildren(...models.map((model) => new Option(model.name, model.name)));
        part("#model-field").hidden = models.length < 2;
      },

      /** As the server's options are called. A search gives no more captions than it has beams. */
      get values() {
        const values = { stream: "true", attention: "layers" };
        const count = Number(this.count.value);
        values.num_beams = Math.max(Number(this.search.value), count);
        values.num_return_sequences = count;
        if (this.tokens.value && this.tokens.validity.valid) values.max_new_tokens = this.tokens.value;
        if (this.model.value) values.model = this.model.value;
        return values;
      },
    };

    """#
}
