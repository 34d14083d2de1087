-- Has all processes forget all that they have of a user in their memory, and owes the forgetting of what is kept elsewhere: to whoever asks, and
-- if that dies to the others. One step, so that its number is the last and told with the record, and no kill leaves one without the other.
-- KEYS  as in levels.lua
-- ARGV  1 user, 2 for how long it is left to who asks, 3 after how long texts are purged once more, both microseconds; then the families of
--       which one may still be owed, since it failed: it is in this one
-- Returns the number of the change; until when the forgetting is left to who asks, microseconds
must()
local user = ARGV[1]
for i = 4, #ARGV do
  redis.call('ZREM', owed, 'forget-' .. ARGV[i] .. ':' .. user, 'again-' .. ARGV[i] .. ':' .. user)
end
local till = string.format(WHOLE, now + tonumber(ARGV[2]))
redis.call('ZADD', owed, till, 'forget:' .. user, string.format(WHOLE, now + tonumber(ARGV[3])), 'again:' .. user)
return { note_forgotten('all', user), till }
