"use strict";

// The script is this file, schemas.js, try_it.js and page.js, one after the other. cmake/embed_page.cmake strips
// comments, indentation and the spaces beside operators and brackets: no text or regular expression may have any of
// these, or span lines.

const pagePath = location.pathname.replace(/\/+$/, "");
const documentUrl = location.origin + pagePath + "/openapi.json";
const baseUrl = location.origin + pagePath.replace(/\/[^/]*$/, "");
const patience = 30000; // ms

const byId = (id) => document.getElementById(id);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const objectOf = (value) => (isObject(value) ? value : {});
const listOf = (value) => (Array.isArray(value) ? value : []);
const entriesOf = (value) => Object.entries(objectOf(value));
let api = {};

// The only maker of elements: what comes from the document or a response is a child, so it stays text. The kind is a
// tag, or a tag and a class.
function make(kind, attributes, ...children) {
  const [tag, name] = kind.split(".");
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  element.append(...children.filter((child) => child || child === 0));
  return element;
}

const span = (name, ...text) => make("span." + name, {}, ...text);
const code = (...text) => make("code", {}, ...text);
const box = (label, text) => make("pre", { tabindex: 0, role: "group", "aria-label": label }, text);
