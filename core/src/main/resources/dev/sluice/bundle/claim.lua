-- Hands over bundles that are due: of each person the first that nobody has handled, under a lease and a fence. Atomic because of many who
-- look exactly one may have it.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 how many at most, 6 lease in microseconds
-- Returns {microseconds until somebody must look again, empty if nothing is there; then for each bundle "<chat>:<user>", its fence, how
-- often its handlers failed, how many messages, and the messages}
local MOST_LOOKS, MOST_BYTES = 1000, 1048576 -- more would keep Redis, and all others, for too long
local most, lease = tonumber(ARGV[5]), tonumber(ARGV[6])

-- write begins with what Redis does although its memory is full: who handles bundles makes room.
local answer, taken, bytes, looks = { '' }, 0, 0, 0
while taken < most and bytes < MOST_BYTES and looks < MOST_LOOKS do
  looks = looks + 1
  local who = redis.call('ZRANGEBYSCORE', due, '-inf', string.format(WHOLE, now), 'LIMIT', 0, 1)[1]
  if not who then
    break
  end
  local state = read(who)
  if state then
    close_if_due(state)
  end
  local bundle = state and state.closed[1]
  local messages = bundle and redis.call('LRANGE', key_of('messages', who), 0, bundle.count - 1) or {}
  if not bundle or #messages ~= bundle.count then
    -- Its time is over, or Redis evicted it.
    forget(who)
  else
    state.fence, state.lease = math.max(state.fence + 1, now), now + lease
    write(who, state)
    taken, bytes = taken + 1, bytes + bundle.bytes
    answer[#answer + 1] = who
    answer[#answer + 1] = string.format(WHOLE, state.fence)
    answer[#answer + 1] = string.format(WHOLE, state.failures)
    answer[#answer + 1] = #messages
    for _, message in ipairs(messages) do
      answer[#answer + 1] = message
    end
  end
end
local next_look = earliest()
if next_look then
  answer[1] = string.format(WHOLE, math.max(0, next_look - now))
end
return answer
