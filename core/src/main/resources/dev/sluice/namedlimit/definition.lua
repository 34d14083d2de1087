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

-- A bucket that was charged under another definition: a smooth one is no fuller than full, so that time takes it from there at the new
-- pace; and who waits for more than ever passes leaves the line. One written before the clock jumped back is mended first, elsewhere.
-- Returns the bucket, and whether it is another.
local function refitted(raw, kind, capacity, span, now)
  local places, changed = string.byte(raw, 26), false
  if kind ~= WINDOW and string.byte(raw, 25) == kind and read('<d', raw) <= now then
    local full = now + capacity * span
    if read('<d', raw, 27) > full then
      raw, changed = sub(raw, 1, 26) .. pack('<d', full) .. sub(raw, 35), true
    end
  end
  for at = #raw - 27, #raw + 1 - places * 28, -28 do
    if read('<I4', raw, at + 8) > capacity then
      raw, places, changed = sub(raw, 1, at - 1) .. sub(raw, at + 28), places - 1, true
    end
  end
  if changed then
    raw = sub(raw, 1, 25) .. string.char(places) .. sub(raw, 27)
  end
  return raw, changed
end
