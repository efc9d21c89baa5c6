-- wrk ... --script requests.lua URL -- [DEPTH [REQUEST]]
-- Sends DEPTH requests (default 1) for the path of the URL in one piece, each as requests/REQUEST.http has it (default
-- plain): its lines end with CRLF, {path} and {host} are those of the URL, {number} counts the requests. The body is what
-- follows an empty line, or else as many bytes as Content-Length says; it is one chunk, by default of two bytes, where
-- Transfer-Encoding says so.
-- wrk counts every response, so its figures are per request, but its latency runs from the start of a piece.

local numbers_of_a_thread = 10000000 -- from the first on all numbers have 8 digits, so that all heads are as long

local threads = 0
local parts -- of a request; a number belongs between one and the next
local depth

function setup(thread)
  threads = threads + 1
  thread:set("number", threads * numbers_of_a_thread)
end

local function read(name)
  local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
  local file, reason = io.open(folder .. "requests/" .. name .. ".http")
  if not file then
    error("no such request: " .. reason)
  end
  local text = file:read("*a")
  file:close()
  return text
end

local function split(text, mark)
  local pieces, start = {}, 1
  for before, after in text:gmatch("()" .. mark .. "()") do
    pieces[#pieces + 1] = text:sub(start, before - 1)
    start = after
  end
  pieces[#pieces + 1] = text:sub(start)
  return pieces
end

function init(args)
  depth = tonumber(args[1] or 1)
  if not depth or depth < 1 or depth ~= math.floor(depth) then
    error("the depth must be a whole number of at least 1")
  end
  local values = {path = wrk.path, host = wrk.headers["Host"]}
  local text = read(args[2] or "plain")
  local fields, content = text:match("^(.-\n)\n(.*)\n$")
  local head = (fields or text):gsub("\n", "\r\n"):gsub("{(%l+)}", values) .. "\r\n"
  local body = content or string.rep("x", tonumber(head:match("\r\nContent%-Length: (%d+)\r\n")) or 0)
  if head:find("\r\nTransfer-Encoding: chunked\r\n", 1, true) then
    body = content or "xx"
    body = string.format("%x\r\n%s\r\n0\r\n\r\n", #body, body)
  end
  parts = split(head .. body, "{number}")
  if #parts == 1 then
    local piece = string.rep(parts[1], depth)
    request = function() return piece end
  end
end

function request()
  local piece = {}
  for _ = 1, depth do
    piece[#piece + 1] = table.concat(parts, number)
    number = number + 1
  end
  return table.concat(piece)
end
