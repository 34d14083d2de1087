-- Takes note that a user's texts were purged, unless it was owed anew since.
-- KEYS  as in levels.lua
-- ARGV  1 which and user as they stand there, 2 until when it was left to who purged
-- Returns {1} if it is owed no more, {0} if it was owed anew, by another purge or a later setting
if lease_of(ARGV[1]) ~= ARGV[2] then
  return { 0 }
end
redis.call('ZREM', debts_with(ARGV[1]), ARGV[1])
return { 1 }
