-- Sets a user's level and, if it is none, owes purges of their texts and has processes forget their copies: one step, or a kill in between would
-- leave them.
-- KEYS  as in levels.lua
-- ARGV  1 user, 2 none or full, 3 how many may have none, then after how long each purge is due, microseconds
-- Returns 1 if it was another level, 0 if not, -1: too many have none, nothing was changed; with none also the number of that forgetting
local user, level, most = ARGV[1], ARGV[2], tonumber(ARGV[3])

local before = redis.call('ZSCORE', none, user)
if level == 'full' then
  for i = 4, #ARGV do
    redis.call('ZREM', owed, (i - 3) .. ':' .. user)
  end
  if not before then
    return { 0 }
  end
  redis.call('ZREM', none, user)
  note_full(user)
  return { 1 }
end
if not before and redis.call('ZCARD', none) >= most then
  return { -1 }
end
must()
redis.call('ZREM', full, user)
for i = 4, #ARGV do
  redis.call('ZADD', owed, string.format(WHOLE, now + tonumber(ARGV[i])), (i - 3) .. ':' .. user)
end
local number = note_forgotten('copies', user)
if not before then
  redis.call('ZADD', none, next_change(), user)
end
return { before and 0 or 1, number }
