-- Finds where a person has something unhandled, some members of the set at a time, and with the first and the last all that is set aside: what
-- goes from one to the other meanwhile is found. Changes nothing.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 the user, 6 where to go on, 0 to begin
-- Returns {where to go on or 0, then each "<chat>:<user>"}; one may be there twice
local found = redis.call('ZSCAN', due, ARGV[6], 'MATCH', '*:' .. ARGV[5], 'COUNT', 1000)
local answer = { found[1] }

local function add(who)
  if who and is_person(who) and string.match(who, ':(.*)$') == ARGV[5] then
    answer[#answer + 1] = who
  end
end

for i = 1, #found[2], 2 do
  add(found[2][i])
end
if ARGV[6] == '0' or found[1] == '0' then
  each_aside(function(name)
    add((parts_of(name)))
  end)
end
return answer
