-- Leaves a purge to who has it for longer. One step, or it would take one away that was owed anew meanwhile.
-- KEYS  as in levels.lua
-- ARGV  1 which and user as they stand there, 2 until when it was left to who has it, 3 for how long from now, microseconds
-- Returns until when it is theirs, microseconds; 0 if it is theirs no more
if lease_of(ARGV[1]) ~= ARGV[2] then
  return { 0 }
end
must()
local till = string.format(WHOLE, now + tonumber(ARGV[3]))
redis.call('ZADD', debts_with(ARGV[1]), till, ARGV[1])
return { till }
