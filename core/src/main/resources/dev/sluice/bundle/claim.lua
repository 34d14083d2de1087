-- Hands over bundles that are due: of each person the first that nobody has handled, under a lease and a fence. One whose leases run out over
-- and over, since it kills whoever handles it, is set aside instead, and so is what nobody can read. Atomic because of many who look exactly
-- one may have a bundle.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 how many at most, 6 lease in microseconds, 7 after how many leases that ran out a bundle is set aside, 0 for never
-- Returns {microseconds until somebody must look again, empty if nothing is there; how many bundles are gone for what was set aside; how many
-- words that takes, and it, as bundles.lua tells it; then for each bundle "<chat>:<user>", its fence, how often its handlers failed, how many
-- messages, and the messages}
local MOST_LOOKS, MOST_BYTES = 1000, 1048576 -- more would keep Redis, and all others, for too long
local WAIT = 1000000 -- at most, for another's last lease, which may end early
local most, lease, most_lost = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

-- The last lease that a bundle may lose it has alone: of all that were with a process whenever it died, the one that kills is known then.
-- Returns until when it has to wait for another's, or nothing.
local function waits_until(who, state)
  if state.lost == 0 or state.lost ~= most_lost - 1 then
    return nil
  end
  local other = redis.pcall('GET', alone)
  if type(other) == 'string' and other ~= who then
    local readable, theirs = pcall(read, other)
    if readable and theirs and theirs.lost == state.lost and theirs.lease > now then
      return math.min(theirs.lease, now + WAIT)
    end
  end
  redis.call('SET', alone, who, 'PX', kept)
  return nil
end

-- Begins with what Redis does although its memory is full: who handles bundles makes room.
local told, bundles, taken, bytes, looks = {}, {}, 0, 0, 0
while taken < most and bytes < MOST_BYTES and looks < MOST_LOOKS do
  looks = looks + 1
  local who = redis.call('ZRANGEBYSCORE', due, '-inf', string.format(WHOLE, now), 'LIMIT', 0, 1)[1]
  if not who then
    break
  end
  redis.call('PEXPIRE', due, kept)
  local named = is_person(who)
  local readable, state = pcall(read, who)
  local bundle, later, messages = nil, nil, {}
  if readable and state then
    close_if_due(state)
    bundle = state.closed[1]
    if bundle and state.lease > 0 then
      state.lease, state.lost = 0, state.lost + 1
    end
    later = bundle and waits_until(who, state)
    messages = bundle and not later and redis.pcall('LRANGE', key_of('messages', who), 0, bundle.count - 1) or {}
  end
  local intact = readable and not messages.err
  for _, message in ipairs(messages) do
    intact = intact and is_message(message)
  end
  if not named then
    redis.call('ZREM', due, who) -- nobody's
  elseif later then
    state.ready = later
    write(who, state)
  elseif not intact then
    bytes = bytes + set_aside_unreadable(told, who)
  elseif not bundle or #messages ~= bundle.count then
    bytes = bytes + set_aside_left(told, who)
  else
    bytes = bytes + bundle.bytes
    if most_lost > 0 and state.lost >= most_lost then
      set_aside(told, who, messages, 'lost', state.lost, state.failures)
      remove_aside(who, state)
    else
      state.fence, state.lease = math.max(state.fence + 1, now), now + lease
      taken = taken + 1
      for _, word in ipairs({ who, string.format(WHOLE, state.fence), string.format(WHOLE, state.failures), #messages }) do
        bundles[#bundles + 1] = word
      end
      for _, message in ipairs(messages) do
        bundles[#bundles + 1] = message
      end
    end
    write(who, state)
  end
end
local next_look = earliest()
local answer = { next_look and string.format(WHOLE, math.max(0, next_look - now)) or '', told.gone or 0, #told }
for _, words in ipairs({ told, bundles }) do
  for _, word in ipairs(words) do
    answer[#answer + 1] = word
  end
end
return answer
