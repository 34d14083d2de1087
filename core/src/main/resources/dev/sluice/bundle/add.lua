-- Adds a message to the bundle that it belongs to, which it may close. Atomic because of two replicas each must see what the other added.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 the message's id, 7 its size, 8 "1" if it passes at once, 9 quiet window, 10 longest time
--       from the first message on, both in microseconds, 11 most messages, 12 most bytes of a bundle, 13 most messages, 14 most bytes that
--       a person may have unhandled, 15 how many may have something, 16 how many ids are remembered, 17 content
-- Returns {1, arrival in microseconds}; {0, arrival}: it came before, then; {2, 0}: there is no room; behind these how many bundles are gone
-- for what was set aside, and that, as bundles.lua tells it
local who, id, size, passes = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8] == '1'
local quiet, longest, most, most_bytes = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local room, room_bytes, room_people = tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])

local told = {}
local function answer(what, arrival)
  return { what, string.format(WHOLE, arrival), told.gone or 0, unpack(told) }
end

local state, whole = known(told, who)
if state then
  local before = redis.pcall('ZSCORE', key_of('ids', who), id)
  if type(before) == 'table' then
    redis.call('DEL', key_of('ids', who)) -- another program wrote there
  elseif before then
    return answer(0, tonumber(before))
  end
end
if not whole then
  state = nil
end
if not has_room(state, size, room, room_bytes, room_people) then
  return answer(2, 0)
end
state = state or begin(told, who)

close_if_due(state)
local number = math.max(state.last + 1, now)
redis.call('RPUSH', key_of('messages', who), string.format('%.0f %.0f %s %.0f ', number, now, id, size) .. ARGV[17])
remember(who, id, string.format(WHOLE, now), ARGV[16])
state.last, state.held = number, state.held + size
if passes then
  close(state, now)
  state.open, state.bytes = 1, size
  close(state, now)
else
  if state.bytes + size > most_bytes then
    close(state, now)
  end
  if state.open == 0 then
    state.first = now
  end
  state.first = math.min(state.first, now) -- the clock may have been set back since
  state.open, state.bytes = state.open + 1, state.bytes + size
  state.closes = math.min(now + quiet, state.first + longest)
  if state.open >= most or state.bytes >= most_bytes then
    close(state, now)
  end
end
write(who, state)
return answer(1, now)
