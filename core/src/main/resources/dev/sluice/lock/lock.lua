-- Library: one lock and those who wait for it.
-- KEYS  1 the lock: "<fence> <owner, - for nobody> <held since> <end of its lease; if nobody's: when it became free>", microseconds
--       2 who waits: owner -> when it came, 3 the same: owner -> until when its place is kept
local lock, line, places = KEYS[1], KEYS[2], KEYS[3]
local NOBODY = '-'

-- How long a lock is remembered that nobody holds, in microseconds: its next fence is greater although the server's clock may by then have
-- been set back by as much, or another server with a slower clock have taken over.
local KEPT = 3600000000

local fence, owner, since, ends = 0, NOBODY, 0, 0
do
  local text = redis.call('GET', lock)
  if text then
    local fence_text, owner_text, since_text, ends_text = string.match(text, '^(%d+) ([%w_-]+) (%d+) (%d+)$')
    if not fence_text then
      error('a lock that nobody can read')
    end
    fence, owner, since, ends = tonumber(fence_text), owner_text, tonumber(since_text), tonumber(ends_text)
    if owner == NOBODY then
      ends = math.min(ends, now) -- the clock may have been set back since
    end
  end
end
-- A lease that ran out is never revived, not even for its holder, who was told in time.
local held = owner ~= NOBODY and ends > now

local function remember()
  local life = string.format('%.0f', math.ceil((math.max(0, ends - now) + KEPT) / 1000))
  redis.call('SET', lock, string.format('%.0f %s %.0f %.0f', fence, owner, since, ends), 'PX', life)
end

-- Deletes, after which Redis lets a script go on although its memory is full: steps that must work then begin with it.
local function leave(who)
  redis.call('ZREM', line, who)
  redis.call('ZREM', places, who)
end

-- Drops those who have not looked for so long that they must be dead.
local function drop_the_dead()
  for _, who in ipairs(redis.call('ZRANGEBYSCORE', places, '-inf', string.format('%.0f', now))) do
    leave(who)
  end
end
