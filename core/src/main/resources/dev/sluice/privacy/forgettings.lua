-- Tells what processes are to forget. Changes nothing but what another program wrote there, and is one step, so that what is missing and what is
-- not belong together.
-- KEYS  as in levels.lua
-- ARGV  1 number of the last forgetting that is known, 2 how many at most
-- Returns the number up to which some may be missing; how much of another program was taken out; then all or copies, user, number, of each
--         since, by number
local found = changes_in(forgotten, ARGV[1], tonumber(ARGV[2]), forgetting_of, last_change(), function(member)
  note_forgotten(forgetting_of(member))
end)
local answer = { string.format(WHOLE, forgotten_floor()), strange }
for i = 1, #found, 2 do
  local what, user = forgetting_of(found[i])
  answer[#answer + 1] = what
  answer[#answer + 1] = user
  answer[#answer + 1] = string.format(WHOLE, tonumber(found[i + 1]))
end
return answer
