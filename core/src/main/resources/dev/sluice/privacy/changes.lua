-- Tells what has changed of levels. Changes nothing, and is one step, so that the numbers and the count belong together.
-- KEYS  as in levels.lua
-- ARGV  1 number of the last change that is known, 2 how many changes at most
-- Returns the number of the last change; the number up to which changes to full may be missing; how many have none; how many purges are due;
--         the number of the last forgetting; the time, microseconds; then user, number, 1 for none or 0 for full, of each change since, of each of the two kinds by number
local since, most = ARGV[1], tonumber(ARGV[2])
local answer = {
  string.format(WHOLE, last_change()),
  redis.call('HGET', state, 'floor') or '0',
  redis.call('ZCARD', none),
  redis.call('ZCOUNT', owed, '-inf', string.format(WHOLE, now)),
  redis.call('HGET', state, 'forgotten') or '0',
  string.format(WHOLE, now),
}
for kind, key in ipairs({ none, full }) do
  local found = redis.call('ZRANGEBYSCORE', key, '(' .. since, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
  for i = 1, #found, 2 do
    answer[#answer + 1] = found[i]
    answer[#answer + 1] = string.format(WHOLE, tonumber(found[i + 1]))
    answer[#answer + 1] = kind == 1 and 1 or 0
  end
end
return answer
