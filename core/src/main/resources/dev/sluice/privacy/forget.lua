-- Has all processes forget all that they have of a user in their memory, and owes the forgetting of what is kept elsewhere: to whoever asks, and
-- if that dies to the others. One step, so that its number is the last and told with the record, and no kill leaves one without the other.
-- KEYS  as in levels.lua
-- ARGV  1 user, 2 for how long it is left to who asks, 3 after how long texts are purged once more, both microseconds; 4 how much may be owed;
--       then the families of which one may still be owed, since it failed: it is in this one
-- Returns the number of the change; until when the forgetting is left to who asks, microseconds, or 0: too much is owed, so this is not
must()
local user = ARGV[1]
local all, again = 'forget:' .. user, 'again:' .. user
for i = 5, #ARGV do
  for _, which in ipairs({ 'forget-', 'again-' }) do
    local one = which .. ARGV[i] .. ':' .. user
    redis.call('ZREM', forgetting, one)
    redis.call('ZREM', failing, one)
  end
end
local till = '0'
if redis.call('ZCARD', forgetting) < tonumber(ARGV[4]) or redis.call('ZSCORE', forgetting, all) then
  till = string.format(WHOLE, now + tonumber(ARGV[2]))
  redis.call('ZADD', forgetting, till, all, string.format(WHOLE, now + tonumber(ARGV[3])), again)
end
return { note_forgotten('all', user), till }
