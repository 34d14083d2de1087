-- Library, after held.lua, buckets.lua and decision.lua: several decisions in one step, as if one after the other. Buckets are read once, held
-- here meanwhile, and written once. Nothing is written before all is decided, so that a script that fails has changed nothing.
--
-- A bucket that all questions begin with, as a bot's, is decided once for all of them: as long as it has room for what is asked, whatever
-- else denies, each question is decided by its other buckets, and at the end the bucket is charged with what passed. That holds for a bucket
-- that counts weight and nothing else: unparked, without a line or a learned pace, written in the past. From the first question
-- that might not fit it is decided as any other.

-- Decides several questions, in their order, and writes.
--   keys: the buckets of all questions, each once
--   args: the plan, which is I2 1 if all questions begin with the first of the keys and the same limit, charged if it is full, else 0; then
--     per question I2 which of the arguments asks it, I2 how many times, I2 for each of its buckets, which of the keys that is.
--     Then what is asked, as bucket_decide takes it, each once
-- Returns the time that admissions count from, then for each question:
--   how many of them pass, which are the first; less than nothing, and the same again for the rest, if that many do not say what remained before
--   if any, what remains in each bucket after the last
--   if not all, what bucket_deny replies to each of the others, then 1 if nothing but time, a charge or a park can change it, else 0: somebody
--     stands in the limiting bucket's line, who may not come
-- Who asks several times says nothing of a line, never overdraws, and weighs no more than a bucket holds.
local function combined(keys, args)
  local call, floor = redis.call, math.floor
  local plan, reply = args[1], { now }
  -- By position among the keys: the value, whether it is to be written, the TTL if that changes.
  local held, changed, ttls = call('MGET', unpack(keys)), {}, {}
  -- Of the question at hand, by bucket.
  local count, positions, raws = 0, {}, {}
  -- Of the bucket that all begin with: the limit, how much more weight fits, nil if each question is to ask it, and what passed.
  local limit, room, charged = sub(args[2], 10, 22), nil, 0
  -- By argument: what it asks of all buckets but the first, and what it weighs there.
  local rests, weights = {}, {}

  -- Made once, not for every decision that needs it.
  local buckets = bucket_library()
  function bucket_library()
    return buckets
  end

  -- What a denial writes, of times that a clock's jump back has moved and of who waits.
  function redis.call(command, name, ttl, value)
    if command ~= 'PSETEX' then
      error('a decision is not to call ' .. command)
    end
    for position, key in ipairs(keys) do
      if key == name then
        held[position], changed[position], ttls[position] = value, true, ttl
      end
    end
  end

  -- Decides; charges if it may. Returns the denial, or nil and what remains.
  local function decide(asked)
    for i = 1, count do
      raws[i] = held[positions[i]]
    end
    local denial, values, lives, remaining = bucket_decide(raws, asked, now)
    if not denial then
      for i = 1, count do
        local value = values[i]
        if value then
          local position = positions[i]
          held[position], changed[position] = value, true
          ttls[position] = lives[i] or ttls[position]
        end
      end
    end
    return denial, remaining
  end

  -- How much fits into the first bucket, if its weight is all that it asks for; else nil.
  local function room_for_all()
    local raw = held[1] or EMPTY
    if string.byte(raw, 25) < LEARNED and string.byte(raw, 26) == 0 and read('<d', raw) <= now then
      local parked, _, _, remaining = bucket_decide({ raw }, NOBODY .. '\0' .. limit .. pack('<I4', 0), now)
      return not parked and remaining[1] or nil
    end
  end

  -- Charges the first bucket with what passed; from here on each question asks it.
  local function settle()
    room, count, positions[1] = nil, 1, 1
    if charged > 0 and decide(NOBODY .. '\0' .. limit .. pack('<I4', charged)) then
      error('what fits together fits one after the other')
    end
  end

  -- The same question, weighing <times> as much; nil if that is more than one of its buckets ever lets pass at once.
  local function heavier(asked, times)
    local parts = { sub(asked, 1, 9) }
    for i = 1, count do
      local kind, capacity, span, weight = read('<BI4dI4', asked, i * 17 - 7)
      if weight * times > capacity then
        return nil
      end
      parts[i + 1] = pack('<BI4dI4', kind, capacity, span, weight * times)
    end
    return table.concat(parts)
  end

  -- Whether a bucket of the question has a learned pace, which spaces what comes after another and not what weighs more.
  local function paced()
    for i = 1, count do
      local raw = held[positions[i]]
      if raw and string.byte(raw, 25) >= LEARNED then
        return true
      end
    end
    return false
  end

  -- How many more of the same question would pass, by what remains: its buckets count weight, so what passes at once may be charged at once.
  local function more(asked, remaining, most)
    for i = 1, count do
      local weight = read('<I4', asked, i * 17 + 6)
      if weight > 0 then
        most = math.min(most, floor(remaining[i] / weight))
      end
    end
    return most
  end

  -- Decides the same question <times> times. Returns how many of them pass, what remains after the last, and the denial of the others.
  local function repeatedly(asked, times)
    if times == 1 then
      local denial, remaining = decide(asked)
      return denial and 0 or 1, remaining, denial
    end
    -- Where there is room for all of them they pass at once; if not, one by one says how many do.
    local passed, last, denial = 0, nil, nil
    local whole = heavier(asked, times)
    if whole then
      local held_up, left = decide(whole)
      if not held_up then
        return times, left
      end
    end
    while passed < times do
      local remaining
      denial, remaining = decide(asked)
      if denial then break end
      passed, last = passed + 1, remaining
      local together = passed < times and more(asked, last, times - passed) or 0
      if together > 1 then
        local most = heavier(asked, together)
        local held_up, left = not most, nil
        if most then
          held_up, left = decide(most)
        end
        if not held_up then
          passed, last = passed + together, left
        end
      end
    end
    return passed, last, denial
  end

  -- Appends the denial of the question at hand, whose buckets come after <before> others.
  local function deny(asked, denial, before)
    local names, at = {}, #reply
    for i = 1, count do
      names[i] = keys[positions[i]]
    end
    local firm = denial.cause == 'PARK' or string.byte(raws[denial.limiting] or EMPTY, 26) == 0
    bucket_deny(names, raws, asked, denial, now, reply)
    reply[at + 2] = reply[at + 2] + before
    reply[#reply + 1] = firm and 1 or 0
  end

  local all, at = read('<I2', plan)
  room = all == 1 and room_for_all() or nil
  while at < #plan do
    local which, times
    which, times, at = read('<I2I2', plan, at)
    local asked, before = args[which], 0
    if room then
      local weight = weights[which]
      if not weight then
        weight = read('<I4', asked, 23)
        weights[which], rests[which] = weight, sub(asked, 1, 9) .. sub(asked, 27)
      end
      if weight * times <= room then
        asked, before, at = rests[which], 1, at + 2
      else
        settle()
      end
    end
    count = floor((#asked - 9) / 17)
    for i = 1, count do
      positions[i], at = read('<I2', plan, at)
    end
    local denial
    repeat
      -- At a pace what remains after one does not say what remained before.
      local passed, last
      passed, last, denial = repeatedly(asked, times > 1 and paced() and 1 or times)
      times = times - passed
      local top = #reply + 1
      reply[top] = (denial or times == 0) and passed or -passed
      if passed > 0 then
        if before == 1 then
          local weight = weights[which] * passed
          room, charged, top = room - weight, charged + weight, top + 1
          reply[top] = room
        end
        for i = 1, count do
          reply[top + i] = last[i]
        end
      end
    until denial or times == 0
    if denial then
      deny(asked, denial, before)
    end
  end
  if room then
    settle()
  end
  for position = 1, #keys do
    if ttls[position] then
      call('PSETEX', keys[position], ttls[position], held[position])
    elseif changed[position] then
      call('SET', keys[position], held[position], 'KEEPTTL')
    end
  end
  return reply
end
