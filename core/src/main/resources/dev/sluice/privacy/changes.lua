-- Tells what has changed of levels. Changes nothing but what another program wrote there, and is one step, so that the numbers and the count belong
-- together.
-- KEYS  as in levels.lua
-- ARGV  1 number of the last change that is known, 2 how many changes at most
-- Returns the number of the last change; the number up to which changes to full may be missing; how many have none; how many purges are due;
--         the number of the last forgetting; the time, microseconds; how much of another program was taken out; then user, number, 1 for none or
--         0 for full, of each change since, of each of the two kinds by number
local since, most = ARGV[1], tonumber(ARGV[2])
local ANY = 9007199254740991

local function due_in(key)
  return redis.call('ZCOUNT', key, '-inf', string.format(WHOLE, now))
    + redis.call('ZCOUNT', key, string.format('(' .. WHOLE, now + FARTHEST_DUE), '+inf')
end

local found = {
  changes_in(none, since, most, is_user, ANY, function(user)
    redis.call('ZADD', none, next_change(), user)
  end),
  changes_in(full, since, most, is_user, ANY, note_full),
}
local answer = {
  string.format(WHOLE, last_change()),
  string.format(WHOLE, number_of('floor')),
  redis.call('ZCARD', none),
  due_in(owed) + due_in(forgetting),
  string.format(WHOLE, number_of('forgotten')),
  string.format(WHOLE, now),
  strange,
}
for kind, changes in ipairs(found) do
  for i = 1, #changes, 2 do
    answer[#answer + 1] = changes[i]
    answer[#answer + 1] = string.format(WHOLE, tonumber(changes[i + 1]))
    answer[#answer + 1] = kind == 1 and 1 or 0
  end
end
return answer
