// The list of operations, and the start.

function operationView(operation) {
  const { method, path, summary, deprecated, wantsToken } = operation;
  const names = path.split(/(\{.*?\})/).map((part) => (part[0] === "{" ? make("i", {}, part) : part));
  const heading = make("h3", {}, make("b." + method, {}, method.toUpperCase()), code(...names));
  const marks = [deprecated && span("mark", "deprecated"), wantsToken && span("mark", "token")];
  const view = make("details.operation", {}, make("summary", {}, heading, span("about", summary), ...marks));
  view.addEventListener("toggle", () => {
    if (view.children[1]) return;
    try {
      view.append(detailsOf(operation));
    } catch (error) {
      view.append(make("p.bad", {}, "This cannot be shown: " + error.message));
    }
  });
  return view;
}

function detailsOf(operation) {
  const facts = make("div", {}, make("p", {}, operation.description));
  const parameters = [...listOf(operation.around), ...listOf(operation.parameters)].map(resolve);
  if (parameters.length) {
    const lines = parameters.map((one) => field(one.name, one.schema, one.required, one.description, one.in));
    facts.append(make("h4", {}, "Parameters"), make("ul.schema", {}, ...lines.map((line) => make("li", {}, ...line))));
  }
  if (operation.requestBody) {
    const body = resolve(operation.requestBody);
    const { media, schema } = contentOf(body);
    const need = body.required && span("required", " required");
    facts.append(make("h4", {}, "Body ", code(media), need), schemaView(schema));
  }
  facts.append(make("h4", {}, "Responses"));
  for (const [status, value] of entriesOf(operation.responses)) {
    const response = resolve(value);
    const { schema } = contentOf(response);
    const details = make("details", {}, make("summary", {}, code(status), " ", response.description));
    details.append(schema ? schemaView(schema) : make("div.schema", {}, "no body"));
    details.open = status[0] === "2";
    facts.append(details);
  }
  return make("div.columns", {}, facts, tryIt(operation, parameters));
}

function operationsOf(paths) {
  const all = [];
  for (const [path, item] of entriesOf(paths)) {
    for (const method of ["get", "post", "put", "patch", "delete", "head", "options"]) {
      const operation = item?.[method];
      if (!isObject(operation) || path[0] !== "/") continue;
      const wantsToken = listOf(operation.security ?? api.security).some((choice) => entriesOf(choice).length);
      all.push({ ...operation, path, method, wantsToken, around: item.parameters });
    }
  }
  return all;
}

function show() {
  const { title, version, description } = objectOf(api.info);
  document.title = byId("title").textContent = title ?? document.title;
  byId("version").textContent = version ?? "";
  byId("description").textContent = description ?? "";
  const operations = operationsOf(api.paths);
  const about = new Map(listOf(api.tags).map((tag) => [tag.name, tag.description]));
  const tagOf = (operation) => listOf(operation.tags)[0];
  const tags = new Set([...about.keys(), ...operations.map(tagOf).filter(Boolean), undefined]);
  const views = [];
  for (const tag of tags) {
    const section = make("section", {}, make("h2", {}, tag ?? "Other"), make("p", {}, about.get(tag)));
    for (const operation of operations.filter((one) => tagOf(one) === tag)) {
      const view = operationView(operation);
      const text = `${operation.method} ${operation.path} ${operation.summary ?? ""}`.toLowerCase();
      views.push({ view, text });
      section.append(view);
    }
    byId("notice").before(section);
  }
  const filter = () => {
    const words = byId("filter").value.toLowerCase().split(/\s+/);
    for (const { view, text } of views) view.hidden = !words.every((word) => text.includes(word));
    const shown = views.filter(({ view }) => !view.hidden).length;
    byId("count").textContent = `${shown} of ${views.length} operations`;
  };
  byId("filter").addEventListener("input", filter);
  filter();
  byId("notice").textContent = "";
  byId("tools").hidden = false;
}

async function load() {
  try {
    const response = await fetch(documentUrl, { cache: "no-cache", signal: AbortSignal.timeout(patience) });
    if (!response.ok) throw new Error(`the server responds with ${response.status} ${response.statusText}`);
    api = parsed(await response.text());
    if (api === undefined) throw new Error("it is not JSON");
    if (!isObject(api?.paths)) throw new Error("it is not an OpenAPI document");
    show();
  } catch (error) {
    byId("notice").className = "bad";
    byId("notice").textContent = `${documentUrl} cannot be shown: ${error.message}`;
  }
}

document.addEventListener("submit", (event) => event.preventDefault());
byId("source").href = documentUrl;
byId("show").addEventListener("click", () => {
  const isShown = byId("token").type === "text";
  byId("token").type = isShown ? "password" : "text";
  byId("show").setAttribute("aria-pressed", !isShown);
});
load();
