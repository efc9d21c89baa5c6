-- wrk ... --script pipeline.lua URL -- DEPTH
-- Sends DEPTH requests (default 16) for the path of the URL in one piece.
-- wrk counts every answer, so its figures are per request, but its latency runs from the start of a batch.

local batch

function init(args)
  local depth = tonumber(args[1] or 16)
  if not depth or depth < 1 or depth ~= math.floor(depth) then
    error("the depth must be a whole number of at least 1")
  end
  batch = string.rep(wrk.format("GET"), depth)
end

function request()
  return batch
end
