-- Library: the idempotency record, how it is claimed, and how it is written.
--
-- Steps of other features put this in front of themselves to claim or settle together with their own work, so every
-- name starts with claim_, nothing here looks at KEYS or ARGV, and each function says whether it writes.
--
-- A record is one string, always under PX:
--   state        1 byte    P processing, C completed, F failed, H completed but handed over once, U unknown
--   fence        8 bytes   double: the number of the claim that opened it
--   deadline     8 bytes   double: P the lease's end, otherwise the record's end; microseconds
--   fingerprint  32 bytes
--   payload      the rest  C F H the result; U the holder if it was abandoned; P a double: how long the claim counts
--                          as unknown once abandoned, 0 if it may be taken over, microseconds; then 8 bytes: who
--                          holds it, so that a claim whose reply was lost can be withdrawn
--
-- Redis' own expiry only collects what is past its end: ends are compared with `now`, to the microsecond.
--
-- Memory full: what replaces a record deletes it first. Redis lets a script go on that has already written, so
-- settling and renewing still work when opening is refused.

-- An abandoned claim that may be taken over stays this long past its lease, so that the next fence exceeds its own
-- even if the clock was set back, and other content under its key is still told apart.
local claim_abandoned_for = 60000000

-- What is asked for, in one string: fingerprint, lease and keep in microseconds, holder.
local CLAIM_REQUEST = '>c32ddc8'

local claim_words = {C = 'completed', F = 'failed', H = 'handover', U = 'unknown'}

-- How long a processing record outlives its lease.
local function claim_tail(keep)
  return keep > 0 and keep or claim_abandoned_for
end

-- raw: what GET or MGET gave. Returns the record, or nil if there is none or it is past its end. Writes nothing.
local function claim_read(raw, now)
  if not raw then return nil end
  if #raw < 49 then error('not an idempotency record') end
  local state, fence, deadline, fingerprint = struct.unpack('>c1ddc32', raw)
  local record = {state = state, fence = fence, deadline = deadline, fingerprint = fingerprint, payload = raw:sub(50)}
  local ends = deadline
  if state == 'P' then
    record.keep = struct.unpack('>d', record.payload)
    record.holder = record.payload:sub(9)
    ends = deadline + claim_tail(record.keep)
  elseif not claim_words[state] then
    error('not an idempotency record')
  end
  if ends <= now then return nil end
  return record
end

-- Writes. replaces: the live record that goes, or nil. ends: when the record may go; microseconds.
local function claim_write(key, replaces, now, ends, state, fence, deadline, fingerprint, payload)
  if replaces then redis.call('DEL', key) end
  redis.call('PSETEX', key, string.format('%d', math.max(1, math.ceil((ends - now) / 1000))),
    struct.pack('>c1ddc32', state, fence, deadline, fingerprint) .. payload)
end

-- Returns the verdict: new, processing, completed, failed, handover, unknown, abandoned, mismatch. Writes nothing.
-- After new call claim_open or nothing at all; after any other call claim_take.
local function claim_evaluate(record, fingerprint, now)
  if not record then return 'new' end
  if record.fingerprint ~= fingerprint then return 'mismatch' end
  if record.state ~= 'P' then return claim_words[record.state] end
  if record.deadline > now then return 'processing' end
  if record.keep > 0 then return 'abandoned' end
  return 'new'
end

-- Writes the processing record of a verdict new. lease, keep: microseconds; holder: 8 bytes. Returns the fence.
local function claim_open(key, record, fingerprint, now, lease, keep, holder)
  local fence = record and math.max(now, record.fence + 1) or now
  local deadline = now + lease
  claim_write(key, record, now, deadline + claim_tail(keep), 'P', fence, deadline, fingerprint,
    struct.pack('>d', keep) .. holder)
  return fence
end

-- Writes what a verdict other than new entails: handover deletes the record, so that exactly one twin gets it;
-- abandoned makes it unknown for its keep from now. Returns the claim's two reply values: word, payload.
local function claim_take(key, record, verdict, now)
  if verdict == 'processing' then
    return verdict, string.format('%.0f', record.deadline - now)
  elseif verdict == 'completed' or verdict == 'failed' then
    return verdict, record.payload
  elseif verdict == 'handover' then
    redis.call('DEL', key)
    return 'completed', record.payload
  elseif verdict == 'abandoned' then
    local ends = now + record.keep
    claim_write(key, record, now, ends, 'U', record.fence, ends, record.fingerprint, record.holder)
    return 'unknown', ''
  end
  return verdict, ''
end
