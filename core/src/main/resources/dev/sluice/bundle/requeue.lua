-- Lets a bundle that was set aside be handed over again: before all that waits and was said after it, but not before what is out or has failed.
-- Atomic because it must be in one place.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 the bundle's number, 7 most messages, 8 most bytes that a person may have unhandled, 9 how many
--       may have something, 10 how many ids are remembered
-- Returns {1}; {0}: there is none; {2}: there is no room; {3}: nobody can read it. Behind these how many bundles are gone for what was set
-- aside of the same person, since nobody can read it, and that, as bundles.lua tells it
local who, name = ARGV[5], ARGV[5] .. ':' .. ARGV[6]

local told = {}
local function answer(what)
  return { what, told.gone or 0, unpack(told) }
end

local bundle = redis.pcall('LRANGE', key_of('aside', name), 1, -1)
if bundle.err then
  return answer(3)
end
if #bundle == 0 then
  drop_aside(name)
  return answer(0)
end
local bytes = 0
for _, message in ipairs(bundle) do
  if not is_message(message) then
    return answer(3)
  end
  bytes = bytes + tonumber(string.match(message, '^%d+ %d+ %d+ (%d+) '))
end
local state, whole = known(told, who)
if not whole then
  state = nil
end
if not has_room(state, bytes, tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])) then
  return answer(2)
end
drop_aside(name)
state = state or begin(told, who)
close_if_due(state)

local messages, place, ahead = key_of('messages', who), 1, 0
local function is_behind()
  if place == 1 and (state.lease > 0 or state.failures > 0 or state.lost > 0) then
    return true
  end
  local first = redis.call('LINDEX', messages, ahead)
  return not (first and is_message(first)) or tonumber(string.match(first, '^%d+')) < tonumber(string.match(bundle[1], '^%d+'))
end
while state.closed[place] and is_behind() do
  place, ahead = place + 1, ahead + state.closed[place].count
end
if place == 1 then
  state.ready = now
end
local before = ahead > 0 and redis.call('LRANGE', messages, 0, ahead - 1) or {}
redis.call('LTRIM', messages, ahead, -1)
table.insert(state.closed, place, { count = #bundle, bytes = bytes })
for _, part in ipairs({ bundle, before }) do
  for i = #part, 1, -1 do
    redis.call('LPUSH', messages, part[i])
  end
end
for _, message in ipairs(bundle) do
  local arrival, id = string.match(message, '^%d+ (%d+) (%d+) ')
  remember(who, id, arrival, ARGV[10])
end
state.held = state.held + bytes
write(who, state)
return answer(1)
