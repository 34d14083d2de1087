-- Finds keys of one part of Redis, a bounded number at a time. Changes nothing.
-- KEYS  1 one that leads to the part
-- ARGV  1 where to go on, 0 to begin, 2 pattern, 3 about how many keys to look at
-- Returns where to go on, 0 at the end; then keys, of which one may come twice
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local reply = { found[1] }
for i, key in ipairs(found[2]) do
  reply[1 + i] = key
end
return reply
