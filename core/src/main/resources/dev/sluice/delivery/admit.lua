-- Decides one send: is it the first of its kind, is it before what is queued for its chat, and may it pass all its limits?
-- All or nothing.
-- KEYS  the buckets, then the idempotency record if there is a claim, then the queue's key of the same digest if its caller gave it a
--       key, then the chat's lane if there is a place
-- ARGV  what is asked of the buckets, as bucket_decide takes it; a CLAIM_REQUEST or nothing; of a call that keeps its chat's
--       order its place, or nothing: B rank, B which of the buckets is its chat's, d how long ago it came, and the chat; 1 if its
--       caller gave it a key
-- Returns 'claim' word payload | 'queued' the message's number and 1 if it is still to be sent | 'free' | 'passed' fence-or-'' and bucket_charge's or bucket_pass' reply | 'denied' '' and bucket_deny's, and
-- how many queued messages go before it
-- Atomic because of a call and a message under one key only one may be sent, a duplicate must cost no token, a denied send must leave no claim, and what is queued meanwhile comes after
-- it. The claim opened here is the dispatch mark: it stands before the first byte is written.
local asked, request, keyed, raws = ARGV[1], ARGV[2], ARGV[4] == '1', redis.call('MGET', unpack(KEYS))
local place = ARGV[3] ~= '' and ARGV[3]
local record, fingerprint, lease, keep, holder
local queued = place and #KEYS - 1 or #KEYS -- which of the keys is the queue's
local claimed = keyed and queued - 1 or queued -- and which is the record
if request ~= '' then
  fingerprint, lease, keep, holder = read(CLAIM_REQUEST, request)
  record = claim_read(raws[claimed], now)
  local verdict = claim_evaluate(record, fingerprint, now)
  if verdict ~= 'new' then
    return { 'claim', claim_take(KEYS[claimed], record, verdict, now) }
  end
  if keyed and raws[queued] then
    local word, number, pending = twin_queued(KEYS[queued], raws[queued], fingerprint, keep, now)
    if word == 'mismatch' then
      return { 'claim', word, '' }
    end
    if word then
      return { word, number, pending }
    end
  end
end
if asked == '' then
  return { 'free' }
end
local denial, values, ttls, remaining, shadowed = bucket_decide_shadowed(raws, asked, now)
local ahead = 0
if place and redis.call('EXISTS', KEYS[#KEYS]) == 1 then
  local rank, own, ago, at = read('<BBd', place)
  local under_way
  ahead, under_way = lane_ahead(KEYS[#KEYS], sub(place, at), rank, now - ago)
  -- When the lane goes on nobody tells; while its chat may not be sent to it does not.
  if ahead > 0 then
    -- It stands in no line either: there it would be in the way of those it waits for.
    denial = { at = max(denial and denial.at or 0, now + 50000), limiting = own, cause = 'QUEUE', process = NOBODY,
      mended = denial and denial.mended or {} }
  elseif under_way and not denial then
    denial = { at = now + 50000, limiting = own, cause = 'QUEUE', process = read('<c8', asked), mended = {} }
  end
  raws[own] = raws[own] or EMPTY
end
if denial then
  local reply = bucket_deny(KEYS, raws, asked, denial, now, { 'denied', '' })
  reply[#reply + 1] = ahead
  return reply
end
local fence = ''
if fingerprint then
  fence = claim_open(KEYS[claimed], record, fingerprint, now, lease, keep, holder)
end
if shadowed then
  return bucket_pass(shadowed, now, { 'passed', fence })
end
return bucket_charge(KEYS, values, ttls, remaining, now, { 'passed', fence })
