-- Tells what processes are to forget. Changes nothing, and is one step, so that what is missing and what is not belong together.
-- KEYS  as in levels.lua
-- ARGV  1 number of the last forgetting that is known, 2 how many at most
-- Returns the number up to which some may be missing; then all or copies, user, number, of each since, by number
local answer = { forgotten_floor() }
local found = redis.call('ZRANGEBYSCORE', forgotten, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, tonumber(ARGV[2]))
for i = 1, #found, 2 do
  local what, user = string.match(found[i], '^(%a+):(%d+)$')
  answer[#answer + 1] = what
  answer[#answer + 1] = user
  answer[#answer + 1] = string.format(WHOLE, tonumber(found[i + 1]))
end
return answer
