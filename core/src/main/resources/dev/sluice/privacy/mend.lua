-- Removes what another program wrote in place of what the steps need. What was lost with it is found as what Redis loses: levels are written
-- back by who knows them, and whoever may have missed a change hears of that by its number.
-- KEYS  as in levels.lua
-- Returns how many keys were removed
local function mend(key, kind)
  local found = redis.call('TYPE', key).ok
  if found == 'none' or found == kind then
    return false
  end
  redis.call('DEL', key)
  strange = strange + 1
  return true
end

mend(owed, 'zset')
mend(forgetting, 'zset')
mend(state, 'hash')
mend(none, 'zset')
mend(forgotten, 'zset')
if mend(full, 'zset') then
  redis.call('HSET', state, 'floor', string.format(WHOLE, last_change()))
end
return { strange }
