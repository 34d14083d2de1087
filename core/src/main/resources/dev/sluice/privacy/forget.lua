-- Has all processes forget all that they have of a user in their memory, and owes the forgetting of what is kept elsewhere: to whoever asks, and
-- if that dies to the others. One step, so that its number is the last and told with the record, and no kill leaves one without the other.
-- KEYS  as in levels.lua
-- ARGV  1 user, 2 for how long it is left to who asks, microseconds, 3 how many may be owed
-- Returns the number of the change; until when the forgetting is left to who asks, microseconds, or 0: too many are owed, so this one is not
must()
local name, till = 'forget:' .. ARGV[1], '0'
if redis.call('ZCARD', forgetting) < tonumber(ARGV[3]) or redis.call('ZSCORE', forgetting, name) then
  till = string.format(WHOLE, now + tonumber(ARGV[2]))
  redis.call('ZADD', forgetting, till, name)
end
return { note_forgotten('all', ARGV[1]), till }
