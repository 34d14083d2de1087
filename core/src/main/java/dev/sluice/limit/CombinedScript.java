package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How {@code combined.lua} is called and answered: several decisions by one script. */
final class CombinedScript {
    /** As many as bring the script's run to a millisecond or two: meanwhile Redis does nothing else. */
    static final int MOST_BUCKETS = 512;

    /** So many decisions of a bucket cost more than to look how much fits, and to charge it at the end. */
    private static final int WORTH_SHARING = 3;

    /** Before {@link BucketScript#BUCKETS}. */
    static final Part HELD = new Part(CombinedScript.class, "held.lua");

    /** After {@link BucketScript#DECISION}. */
    static final Part COMBINED = new Part(CombinedScript.class, "combined.lua");

    private CombinedScript() {}

    /**
     * What one or several of the questions ask, one after the other: it is sent and decided once.
     *
     * @param times how many of them
     */
    record Run(Acquisition question, int times) {
        static List<Run> of(List<Acquisition> questions) {
            var runs = new ArrayList<Run>();
            Acquisition first = questions.getFirst();
            int times = 0;
            boolean countable = isCountable(first);
            for (Acquisition question : questions) {
                if (times > 0 && !(countable && question.equals(first))) {
                    runs.add(new Run(first, times));
                    first = question;
                    times = 0;
                    countable = isCountable(first);
                }
                times++;
            }
            runs.add(new Run(first, times));
            return runs;
        }

        /** Whether so many of the same are as one of so many times the weight, and who is denied changes nothing for the next. */
        private static boolean isCountable(Acquisition question) {
            if (question.overdraft()
                    || question.waiter().isPresent()
                    || question.cameAgo().isPresent()) {
                return false;
            }
            for (Charge charge : question.charges()) {
                if (charge.weight() > charge.limit().capacity()) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * What is asked.
     *
     * @param keys of all buckets, each once
     * @param args the plan, then what is asked, each once
     */
    record Call(List<String> keys, List<byte[]> args) {
        static Call of(List<Run> runs, KeySpace space) {
            var positions = new LinkedHashMap<Bucket, Integer>();
            var asked = new HashMap<ByteBuffer, Integer>();
            var args = new ArrayList<byte[]>();
            int buckets = runs.stream()
                    .mapToInt(run -> run.question().charges().size())
                    .sum();
            var plan = ByteBuffer.allocate((1 + 2 * runs.size() + buckets) * Short.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            plan.putShort((short) (beginAlike(runs) ? 1 : 0));
            for (Run run : runs) {
                byte[] argument = BucketScript.argument(run.question());
                int which = number(ByteBuffer.wrap(argument), asked);
                if (which > args.size()) {
                    args.add(argument);
                }
                plan.putShort((short) (1 + which)).putShort((short) run.times());
                for (Charge charge : run.question().charges()) {
                    plan.putShort((short) number(charge.bucket(), positions));
                }
            }
            args.addFirst(plan.array());
            var keys = new ArrayList<String>(positions.size());
            positions.keySet().forEach(bucket -> keys.add(bucket.key(space)));
            return new Call(keys, args);
        }

        /** Whether all begin with the same bucket and limit, and are denied if it is full: the script decides it once, if that is less work. */
        private static boolean beginAlike(List<Run> runs) {
            if (runs.size() < WORTH_SHARING) {
                return false;
            }
            Charge first = runs.getFirst().question().charges().getFirst();
            for (Run run : runs) {
                Charge other = run.question().charges().getFirst();
                if (run.question().overdraft()
                        || !other.bucket().equals(first.bucket())
                        || !other.limit().equals(first.limit())) {
                    return false;
                }
            }
            return true;
        }

        /** Its number, from 1, which it gets now if it is new. */
        private static <T> int number(T one, Map<T, Integer> numbers) {
            Integer known = numbers.putIfAbsent(one, numbers.size() + 1);
            return known == null ? numbers.size() : known;
        }
    }

    /** One for each question, in their order. */
    static List<Answer> answers(List<Run> runs, ScriptReply reply) {
        var answers = new ArrayList<Answer>();
        long now = reply.number(0);
        int at = 1;
        for (Run run : runs) {
            int charges = run.question().charges().size();
            int left = run.times();
            while (left > 0) {
                int told = (int) reply.number(at++);
                int passed = Math.abs(told);
                if (passed > 0) {
                    for (int later = passed - 1; later >= 0; later--) {
                        answers.add(passed(run.question(), now, reply, at, later));
                    }
                    at += charges;
                    left -= passed;
                }
                if (left > 0 && told >= 0) {
                    Answer denied = Answer.read(run.question(), reply, at);
                    for (; left > 0; left--) {
                        answers.add(denied);
                    }
                    at += Answer.OF_A_DENIAL;
                }
            }
        }
        return answers;
    }

    /** @param later how many of the same passed after it, and took what remained */
    private static Answer passed(Acquisition question, long now, ScriptReply reply, int at, int later) {
        List<Charge> charges = question.charges();
        var remaining = new ArrayList<Integer>(charges.size());
        for (int i = 0; i < charges.size(); i++) {
            remaining.add((int) reply.number(at + i) + later * charges.get(i).weight());
        }
        return new Answer(new Allowed(now, remaining), false);
    }

    /**
     * An answer.
     *
     * @param firm whether the denial holds until its time, if nothing but charges and parks comes: nobody is ahead in a line who might
     *     not come
     */
    record Answer(Decision decision, boolean firm) {
        private static final int OF_A_DENIAL = 6;

        /** What {@code acquire.lua} answers. */
        static Answer read(Acquisition acquisition, ScriptReply reply, int offset) {
            Decision decision = BucketScript.single(acquisition, reply, offset);
            return new Answer(decision, decision instanceof Denied && reply.number(offset + OF_A_DENIAL - 1) == 1);
        }
    }
}
