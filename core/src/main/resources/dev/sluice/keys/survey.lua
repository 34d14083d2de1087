-- Looks at some keys, whatever they are, and changes nothing.
-- KEYS  1 a name that is never a key: while its slot is on the move this is refused, rather than run on the other node
-- ARGV  1 where to go on, 0 to begin; 2 a pattern of names; 3 about how many keys to look at
-- Returns where to go on or 0; then of each key its name, type, milliseconds that it still has (-1: no end) and bytes (-1: not told)
-- A script so that type and TTL are those of one moment, and so that nothing can go between finding a key and looking at it. Keys of a
-- slot that is on the move may be out of reach here: their type is then 'moving'.
local SAMPLES = '3' -- elements that stand for all of a large key

local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local reply = { found[1] }
for _, key in ipairs(found[2]) do
  local at, kind, left = #reply, redis.pcall('TYPE', key), redis.pcall('PTTL', key)
  if type(kind) ~= 'table' or kind.err or type(left) ~= 'number' or kind.ok == 'none' then
    kind, left = { ok = 'moving' }, -2
  end
  local bytes = redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', SAMPLES)
  reply[at + 1], reply[at + 2], reply[at + 3] = key, kind.ok, string.format('%.0f', left)
  reply[at + 4] = type(bytes) == 'number' and string.format('%.0f', bytes) or '-1'
end
return reply
