-- wrk ... --script churn.lua URL -- COUNT
-- One request in COUNT asks for the end of its connection, so that a connection carries COUNT requests on average.
-- Which one is left to chance: wrk does not say what connection a request is for.

local count, keep, close

function init(args)
  count = tonumber(args[1])
  if not count or count < 1 or count ~= math.floor(count) then
    error("the count must be a whole number of at least 1")
  end
  keep = wrk.format("GET")
  wrk.headers["Connection"] = "close"
  close = wrk.format("GET")
end

function request()
  return math.random(count) == 1 and close or keep
end
