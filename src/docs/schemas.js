// What the page says of schemas.

const mostLines = 500; // of one schema, which may refer to others again and again

const isReference = (value) => typeof value?.$ref === "string";

function resolve(value) {
  for (let hops = 0; hops < 9 && isReference(value); ++hops) {
    let target = api;
    for (const part of value.$ref.split("/").slice(1)) {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) && Object.hasOwn(target, name) ? target[name] : undefined;
    }
    value = target;
  }
  return objectOf(value);
}

function typeOf(schema) {
  if (isReference(schema)) {
    const name = schema.$ref.split("/").pop();
    const target = resolve(schema);
    return target.enum || /string|number|integer/.test(target.type) ? `${name}: ${typeOf(target)}` : name;
  }
  const { type, format, items, properties, additionalProperties: others, ...rest } = objectOf(schema);
  if ("const" in rest) return JSON.stringify(rest.const);
  if (rest.enum) return listOf(rest.enum).map((value) => JSON.stringify(value)).join(" | ");
  const choices = rest.oneOf ?? rest.anyOf ?? rest.allOf;
  if (choices) return listOf(choices).map(typeOf).join(rest.allOf ? " & " : " | ");
  const nameOf = (one) => {
    if (one === "array") return typeOf(items).replace(/.* .*/, "($&)") + "[]";
    if (one === "object" && isObject(others)) return "map of " + typeOf(others);
    return format && one !== "null" ? `${one} (${format})` : one;
  };
  return [type ?? (properties ? "object" : "any")].flat().map(nameOf).join(" | ");
}

const rules = {
  minimum: "≥",
  exclusiveMinimum: ">",
  maximum: "≤",
  exclusiveMaximum: "<",
  multipleOf: "multiple of",
  minLength: "length ≥",
  maxLength: "length ≤",
  minItems: "items ≥",
  maxItems: "items ≤",
  pattern: "matches",
  default: "default",
};

function rulesOf(schema, depth = 0) {
  const target = resolve(schema);
  const said = Object.keys(rules).filter((key) => key in target).map((key) => `${rules[key]} ${target[key]}`);
  const each = depth < 4 && rulesOf(target.items, depth + 1);
  if (each) said.push("each " + each);
  return said.join(", ").replace(/≥ (\S+),\s(\w+\s)?≤ /g, "$1 to ");
}

function field(name, schema, required, about, place) {
  const need = required && span("required", "required");
  const parts = [make("code.name", {}, name), span("type", typeOf(schema)), place, need, rulesOf(schema)];
  return [...parts, about && span("about", about)].flatMap((part) => [part, " "]);
}

// The members of a schema, and of those in it, as lists.
function membersOf(schema, around = [], room = { lines: mostLines }) {
  if (isReference(schema)) {
    return around.includes(schema.$ref) ? [] : membersOf(resolve(schema), [...around, schema.$ref], room);
  }
  if (!isObject(schema) || room.lines < 0) return [];
  const lines = entriesOf(schema.properties).filter(() => --room.lines >= 0).map(([name, member]) => {
    const required = listOf(schema.required).includes(name);
    return make("li", {}, ...field(name, member, required, member?.description), ...membersOf(member, around, room));
  });
  const parts = [schema.items, schema.additionalProperties, schema.allOf, schema.oneOf, schema.anyOf].flat();
  const inner = parts.flatMap((part) => membersOf(part, around, room));
  return lines.length ? [make("ul", {}, ...lines), ...inner] : inner;
}

const samples = {
  date: "2025-01-31",
  "date-time": "2025-01-31T12:00:00Z",
  email: "user@example.com",
  uuid: "123e4567-e89b-12d3-a456-426614174000",
};

function exampleOf(schema, around = [], room = { lines: mostLines }) {
  if (!isObject(schema) || --room.lines < 0) return null;
  const inner = (part) => exampleOf(part, around, room);
  if (isReference(schema)) {
    return around.includes(schema.$ref) ? null : exampleOf(resolve(schema), [...around, schema.$ref], room);
  }
  for (const key of ["example", "const", "default"]) if (key in schema) return schema[key];
  for (const key of ["examples", "enum"]) if (schema[key]?.length) return schema[key][0];
  if (schema.allOf) return Object.assign({}, ...listOf(schema.allOf).map(inner));
  const choice = (schema.oneOf ?? schema.anyOf)?.[0];
  if (choice) return inner(choice);
  const type = [schema.type ?? (schema.properties ? "object" : "null")].flat().find((name) => name !== "null");
  if (type === "object") {
    return Object.fromEntries(entriesOf(schema.properties).map(([name, member]) => [name, inner(member)]));
  }
  if (type === "array") return [inner(schema.items)];
  if (type === "boolean") return true;
  if (type === "integer" || type === "number") return schema.minimum ?? Math.min(1, schema.maximum ?? 1);
  if (type !== "string") return null;
  const text = samples[schema.format] ?? "string";
  return text.padEnd(Math.min(schema.minLength ?? 0, 999), "x").slice(0, schema.maxLength);
}

function schemaView(schema) {
  return make("div.schema", {}, span("type", typeOf(schema)), " ", rulesOf(schema), ...membersOf(schema));
}

// The media type and schema of a body or response, JSON before others.
function contentOf(holder) {
  const all = entriesOf(holder.content);
  const [media, value] = all.find(([name]) => name.includes("json")) ?? all[0] ?? [];
  return { ...objectOf(value), media };
}
