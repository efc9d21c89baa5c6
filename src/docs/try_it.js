// The form that sends a request, and its response.

const mostShown = 200000; // bytes of a response

// By its tokens, since JSON.parse would round large numbers.
function indent(json) {
  let depth = 0;
  const line = () => "\n" + "  ".repeat(Math.min(depth, 50));
  const tokens = json.match(/"[^"\\]*(?:\\.[^"\\]*)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/g);
  const spaced = (token) => {
    if (token === "{" || token === "[") return ++depth, token + line();
    if (token === "}" || token === "]") return --depth, line() + token;
    return token === "," ? token + line() : token === ":" ? ": " : token;
  };
  return tokens.map(spaced).join("");
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {}
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlOf({ url, method, headers, body }) {
  const how = { GET: "", HEAD: "--head " }[method] ?? `-X ${method} `;
  const words = [`curl ${how}${url.includes("[") ? "--globoff " : ""}${quoted(url)}`];
  for (const [name, value] of headers) words.push("-H " + quoted(`${name}: ${value}`));
  if (body !== undefined) words.push("--data-raw " + quoted(body));
  return words.join(" \\\n  ");
}

let controls = 0;

function labelled(control, ...label) {
  control.id = "control" + ++controls;
  return make("p", {}, make("label", { for: control.id }, ...label), control);
}

function controlFor(parameter) {
  const schema = resolve(parameter.schema);
  const needed = parameter.required || parameter.in === "path";
  const choices = schema.type === "boolean" ? [true, false] : listOf(schema.enum);
  const options = (needed ? choices : ["", ...choices]).map((choice) => make("option", {}, String(choice)));
  const control = make(choices.length ? "select" : "input", { autocomplete: "off", spellcheck: false }, ...options);
  control.required = needed;
  control.value = parameter.example ?? (needed ? exampleOf(schema) : "");
  return control;
}

function tryIt(operation, parameters) {
  const inputs = parameters.filter((one) => one.in !== "cookie").map((one) => ({ ...one, control: controlFor(one) }));
  const { media, schema, example = exampleOf(schema) } = contentOf(resolve(operation.requestBody));
  const method = operation.method.toUpperCase();
  const text = make("textarea", { spellcheck: false });
  const hasBody = media && method !== "GET" && method !== "HEAD";
  const isPlain = typeof example === "string" && !media?.includes("json");
  const isForm = media?.includes("urlencoded");
  text.value = isForm ? new URLSearchParams(example) : isPlain ? example : JSON.stringify(example, null, 2);
  text.rows = Math.min(16, text.value.split("\n").length + 1);

  const request = () => {
    let path = operation.path;
    const query = [];
    const headers = [];
    for (const { name, in: place, schema, control } of inputs) {
      const { value } = control;
      const encoded = encodeURIComponent(value);
      if (place === "path") {
        if (/^\.\.?$/.test(value)) throw new Error(`${name} cannot be ${value}`);
        path = path.replaceAll(`{${name}}`, encoded);
      } else if (value && place === "query") {
        const values = resolve(schema).type === "array" ? encoded.split("%2C") : [encoded];
        query.push(...values.map((one) => encodeURIComponent(name) + "=" + one));
      } else if (value) {
        headers.push([name, value]);
      }
    }
    if (hasBody) headers.push(["Content-Type", media]);
    const token = byId("token").value.trim();
    if (operation.wantsToken && token) headers.push(["Authorization", "Bearer " + token]);
    const { href } = new URL(baseUrl + path + (query.length ? "?" + query.join("&") : ""));
    return { url: href, method, headers, body: hasBody ? text.value : undefined };
  };

  const command = box("curl command");
  const showCommand = () => {
    try {
      command.textContent = curlOf(request());
    } catch (error) {
      command.textContent = error.message;
    }
  };
  document.addEventListener("input", showCommand);
  showCommand();

  const status = make("p.status", { role: "status" });
  const received = make("div");
  let turn = 0;
  const send = async () => {
    const own = ++turn;
    const show = (kind, words, ...parts) => {
      if (own !== turn) return;
      status.className = "status " + kind;
      status.textContent = words;
      received.replaceChildren(...parts);
    };
    show("", "Waiting for the response…");
    try {
      const { url, ...options } = request();
      const begin = performance.now();
      const response = await fetch(url, { ...options, cache: "no-store", signal: AbortSignal.timeout(patience) });
      const bytes = await response.blob();
      const time = Math.round(performance.now() - begin);
      const words = `${response.status} ${response.statusText} · ${time} ms · ${bytes.size} bytes`;
      show(response.ok ? "good" : "bad", words, ...(await responseView(response, bytes)));
    } catch (error) {
      show("bad", "No response: " + error.message);
    }
  };

  const form = make("form.try", {}, make("h4", {}, "Try it"));
  for (const { name, in: place, control } of inputs) form.append(labelled(control, code(name), " " + place));
  if (hasBody) form.append(labelled(text, "Body ", code(media)));
  form.append(make("button.send", {}, "Send"), status, received, make("h4", {}, "curl"), command);
  form.addEventListener("submit", send);
  return form;
}

async function responseView(response, bytes) {
  const type = response.headers.get("content-type") ?? "";
  const fields = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const parts = [make("details", {}, make("summary", {}, "Fields"), box("Fields of the response", fields))];
  if (bytes.size > mostShown) parts.unshift(`The first ${mostShown} bytes:`);
  if (!bytes.size) return parts;
  const isText = /json|text|xml|script|urlencoded/.test(type);
  const text = isText ? await bytes.slice(0, mostShown).text() : `(${type || "unknown type"}, not shown)`;
  const json = type.includes("json") ? parsed(text) : undefined;
  const shown = json === undefined ? text : indent(text);
  parts.unshift(box("Body of the response", shown));
  const token = json?.data?.access_token;
  if (typeof token === "string") {
    const use = make("button", { type: "button" }, "Use this token");
    use.addEventListener("click", () => {
      byId("token").value = token;
      byId("token").dispatchEvent(new Event("input", { bubbles: true }));
      use.textContent = "Token in use";
    });
    parts.unshift(use);
  }
  return parts;
}
