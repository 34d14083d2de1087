-- Library: how a named limit is kept, by its name in the hash of all of them: "<W or G> <capacity> <span> <on or shadow> <count> <window>".
-- What decides is kind, capacity and span, in microseconds, as buckets.lua takes them; count and window, in milliseconds, are what was asked for.

-- Kind, capacity, span, and whether it only looks on.
local function definition_of(text)
  local kind, capacity, span, mode = string.match(text, '^([WG]) (%d+) (%d+) (%l+) %d+ %d+$')
  if not kind then
    error('a named limit that nobody can read')
  end
  return string.byte(kind), tonumber(capacity), tonumber(span), mode == 'shadow'
end
