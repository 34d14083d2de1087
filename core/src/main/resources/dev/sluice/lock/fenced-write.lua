-- Writes a value unless somebody with a greater fence has written before. Atomic because between a look and a write another could come.
-- KEYS  1 the value: "<fence> <bytes>"
-- ARGV  1 fence, 2 value, 3 milliseconds that it is kept
-- Returns {1}, or {0, the greatest fence seen}
local before = redis.call('GET', KEYS[1])
if before then
  local seen = tonumber(string.match(before, '^(%d+) '))
  if seen > tonumber(ARGV[1]) then
    return { 0, string.format('%.0f', seen) }
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return { 1 }
