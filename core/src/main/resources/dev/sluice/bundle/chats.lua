-- Finds where a person has something unhandled, some members of the set at a time, and with the first all that is set aside. Changes nothing.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 the user, 6 where to go on, 0 to begin
-- Returns {where to go on or 0, then each "<chat>:<user>"}; one may be there twice
local found = redis.call('ZSCAN', due, ARGV[6], 'MATCH', '*:' .. ARGV[5], 'COUNT', 1000)
local answer = { found[1] }
for i = 1, #found[2], 2 do
  answer[#answer + 1] = found[2][i]
end
if ARGV[6] == '0' then
  each_aside(function(name)
    local who = parts_of(name)
    if who and string.match(who, ':(.*)$') == ARGV[5] then
      answer[#answer + 1] = who
    end
  end)
end
return answer
