-- Appends entries, and drops the oldest that are too many, too old or too much. Atomic so that two who append at once are both there, one
-- after the other, and so that what came before, by its id, is not there twice.
-- KEYS  as in history.lua
-- ARGV  1 to 4 as there, then of each entry what entry_at says; none: only a number is taken, for what is kept elsewhere
-- Returns {version, how many were added}
local all, known, added = {}, {}, 0
for i, entry in ipairs(entries) do
  all[i] = entry
  known[entry.id] = true
end
local before = version
version = math.max(version + 1, now)
if #ARGV == 4 then
  if there then
    redis.call('HSET', key, 'v', string.format(WHOLE, version))
  end
  return { string.format(WHOLE, version), 0 }
end
for i = 5, #ARGV, 5 do
  if not known[ARGV[i]] then
    known[ARGV[i]] = true
    all[#all + 1] = entry_at(i, version + added)
    added = added + 1
  end
end
if added == 0 then
  return { string.format(WHOLE, before), 0 }
end
version = version + added - 1
ends = now + kept
save(trimmed(all))
return { string.format(WHOLE, version), added }
