-- Library: one conversation, as its steps read it.
-- KEYS  1 the conversation, a hash: v version, s state (absent: none), f greatest fence seen (0: none), t when it was last touched,
--       n how many data fields, b their bytes, d:<digest of a name> each of them, sealed
-- ARGV  1 for how long it is kept from its last touch, microseconds
local key, kept = KEYS[1], tonumber(ARGV[1])
local WHOLE = '%.0f'

local there, state, version, fence, fields, bytes = false, '-', 0, 0, 0, 0
do
  local known = redis.call('HMGET', key, 'v', 's', 'f', 't', 'n', 'b')
  if known[4] and tonumber(known[4]) + kept > now then
    there = true
    state = known[2] and '=' .. known[2] or '-'
    version, fence, fields, bytes = tonumber(known[1]), tonumber(known[3]), tonumber(known[5]), tonumber(known[6])
  end
end

local function expire()
  redis.call('PEXPIRE', key, string.format(WHOLE, math.ceil(kept / 1000)))
end

-- Setting a TTL counts as a write, after which Redis lets a script go on although its memory is full: a look must not fail for that.
local function touch()
  expire()
  redis.call('HSET', key, 't', string.format(WHOLE, now))
end
