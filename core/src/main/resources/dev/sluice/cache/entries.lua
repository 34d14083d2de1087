-- A value: "<until when it holds> <how long it took to load> <v|n>\n<bytes>" in microseconds; n: there is none. The key lives longer than
-- the value holds, by the time in which it may stand in for one that cannot be loaded.
-- A lease to load it: "<fence> <until> <1 if others wait, else 0>". Whoever writes or forgets the value removes it, so that a loader
-- whose fence is no longer there knows that what it brings may be older.
local entry, lease = KEYS[1], KEYS[2]

local function lease_of(raw)
  local fence, ends, waited = string.match(raw or '', '^(%S+) (%d+) ([01])$')
  return fence, tonumber(ends), waited
end

local function keep_lease(fence, ends, waited)
  local left = math.max(1, math.ceil((ends - now) / 1000))
  redis.call('SET', lease, string.format('%s %.0f %s', fence, ends, waited), 'PX', string.format('%.0f', left))
end

local function keep_entry(holds, lives, took, kind, bytes)
  local head = string.format('%.0f %.0f %s\n', now + holds, took, kind)
  redis.call('SET', entry, head .. bytes, 'PX', string.format('%.0f', math.max(1, math.ceil(lives / 1000))))
end
