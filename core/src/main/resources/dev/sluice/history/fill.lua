-- Puts what was loaded among what is there, if the lease it was loaded under is still the caller's: otherwise the history was cleared or
-- somebody was forgotten since, or another one loads. What was appended meanwhile stays, once: the order is that of what was loaded, and behind
-- it what is not in it.
-- KEYS  as in history.lua
-- ARGV  1 to 4 as there, 5 fence, then of each entry, the oldest first, what entry_at says
-- Returns {1} if it was the caller's, else {0}
if fence ~= ARGV[5] then
  return { 0 }
end
local place = {}
for i, entry in ipairs(entries) do
  place[entry.id] = i
end
version = math.max(version + 1, now)
local number = entries[1] and entries[1].number - 1 or version
local all, next_one, known = {}, 1, {}
for i = 6, #ARGV, 5 do
  local at = place[ARGV[i]]
  if at then
    for j = next_one, at do
      all[#all + 1] = entries[j]
      number = entries[j].number
    end
    next_one = math.max(next_one, at + 1)
  elseif not known[ARGV[i]] then
    known[ARGV[i]] = true
    -- Numbers never become smaller towards the end; those of what was loaded may be the same.
    all[#all + 1] = entry_at(i, number)
  end
end
for j = next_one, #entries do
  all[#all + 1] = entries[j]
end
ends, loaded, leased = now + kept, now + kept, 0
save(trimmed(all))
redis.call('HDEL', key, 'f', 'x')
return { 1 }
