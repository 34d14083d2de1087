-- Takes note that of what was owed only some families are left to do, unless it was owed anew since. One step, or a kill in between would lose them.
-- KEYS  as in levels.lua
-- ARGV  1 which and user as they stand there, 2 until when it was left to who tried, 3 after how long they are tried again, microseconds; then
--       the families' which and user
-- Returns {1}, or {0} if it was owed anew, and then nothing was changed
local score = redis.call('ZSCORE', owed, ARGV[1])
if not score or string.format(WHOLE, tonumber(score)) ~= ARGV[2] then
  return { 0 }
end
must()
redis.call('ZREM', owed, ARGV[1])
for i = 4, #ARGV do
  redis.call('ZADD', owed, string.format(WHOLE, now + tonumber(ARGV[3])), ARGV[i])
end
return { 1 }
