-- Removes what one user said, and ends whatever lease there is, in one step: what somebody loaded before may have it, and finds its fence gone.
-- KEYS  as in history.lua
-- ARGV  1 to 4 as there, 5 the user, 6 "1" if all of it is theirs
-- Returns {how many entries were removed}
if ARGV[6] == '1' then
  redis.call('DEL', key)
  return { #entries }
end
-- Deletes first, after which Redis lets a script go on although its memory is full.
redis.call('HDEL', key, 'f', 'x')
leased = 0
local stay = {}
for _, entry in ipairs(entries) do
  if entry.user ~= ARGV[5] then
    stay[#stay + 1] = entry
  end
end
if #stay == #entries then
  return { 0 }
end
save(stay)
return { #entries - #stay }
