-- Library, after held.lua, buckets.lua and decision.lua: several decisions in one step, as if one after the other. Buckets are read once, held
-- here meanwhile, and written once. Nothing is written before all is decided, so that a script that fails has changed nothing.

-- keys: the buckets of all questions, each once.
local function combined(keys)
  local all, call, floor = {}, redis.call, math.floor
  -- By position among the keys: the value, whether it is to be written, the TTL if that changes.
  local held, changed, ttls = call('MGET', unpack(keys)), {}, {}
  -- Of the question at hand, by bucket.
  local positions, raws, names = {}, {}, {}

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
    for i = 1, #positions do
      raws[i] = held[positions[i]]
    end
    local denial, values, lives, remaining = bucket_decide(raws, asked, now)
    if not denial then
      for i = 1, #positions do
        if values[i] then
          local position = positions[i]
          held[position], changed[position] = values[i], true
          ttls[position] = lives[i] or ttls[position]
        end
      end
    end
    return denial, remaining
  end

  -- The same question, weighing <times> as much; nil if that is more than one of its buckets ever lets pass at once.
  local function heavier(asked, times)
    local parts = { sub(asked, 1, 9) }
    for i = 1, #positions do
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
    for i = 1, #positions do
      local raw = held[positions[i]]
      if raw and string.byte(raw, 25) >= LEARNED then
        return true
      end
    end
    return false
  end

  -- How many more of the same question would pass, by what remains: its buckets count weight, so what passes at once may be charged at once.
  local function more(asked, remaining, most)
    for i = 1, #positions do
      local weight = read('<I4', asked, i * 17 + 6)
      if weight > 0 then
        most = math.min(most, floor(remaining[i] / weight))
      end
    end
    return most
  end

  -- Decides the same question <times> times and appends to the reply: how many of them pass, which are the first; if any, the time that they
  -- count from and what remains in each bucket after the last; if not all, what bucket_deny replies to each of the others, then 1 if
  -- nothing but time, a charge or a park can change it, else 0: somebody stands in the limiting bucket's line, who may not come. Who
  -- asks several times says nothing of a line, never overdraws, and weighs no more than a bucket holds.
  --   asked: as bucket_decide takes it; plan, at: where the positions of its buckets among the keys stand, I2 each
  -- Returns where the plan goes on.
  function all.decide(asked, times, plan, at, reply)
    local count, passed, last = floor((#asked - 9) / 17), 0, nil
    for i = 1, math.max(count, #positions) do
      positions[i], raws[i], names[i] = nil, nil, nil
      if i <= count then
        positions[i], at = read('<I2', plan, at)
        names[i] = keys[positions[i]]
      end
    end
    local denial
    -- Where there is room for all of them they pass at once; if not, one by one says how many do.
    local whole = times > 1 and not paced() and heavier(asked, times)
    if whole then
      local held_up, left = decide(whole)
      if not held_up then
        passed, last = times, left
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
    reply[#reply + 1] = passed
    if passed > 0 then
      reply[#reply + 1] = now
      for i = 1, count do
        reply[#reply + 1] = last[i]
      end
    end
    if denial then
      local firm = denial.cause == 'PARK' or string.byte(raws[denial.limiting] or EMPTY, 26) == 0
      bucket_deny(names, raws, asked, denial, now, reply)
      reply[#reply + 1] = firm and 1 or 0
    end
    return at
  end

  function all.write()
    for position in pairs(changed) do
      if ttls[position] then
        call('PSETEX', keys[position], ttls[position], held[position])
      else
        call('SET', keys[position], held[position], 'KEEPTTL')
      end
    end
  end

  return all
end
