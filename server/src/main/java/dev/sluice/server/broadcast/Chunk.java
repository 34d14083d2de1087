package dev.sluice.server.broadcast;

import dev.sluice.encryption.Sealer;
import dev.sluice.telegram.BotId;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Recipients, packed: a version, then of each its chat and the length of what is its own, both as numbers of seven bits a
 * byte, then that. Six bytes for a user; sealed, since texts may be in it.
 */
public final class Chunk {
    private static final int VERSION = 1;

    private Chunk() {}

    static byte[] sealed(Sealer sealer, BotId bot, List<Recipient> recipients) {
        var out = new ByteArrayOutputStream(recipients.size() * 8);
        out.write(VERSION);
        for (Recipient recipient : recipients) {
            // Zigzag: a group's id is negative, and as short as its digits.
            write(out, recipient.chat() << 1 ^ recipient.chat() >> 63);
            write(out, recipient.own().length);
            out.writeBytes(recipient.own());
        }
        return sealer.seal(context(bot), out.toByteArray());
    }

    /** The recipients again; none if the key is gone, or it was lost. */
    public static List<Recipient> open(Sealer sealer, BotId bot, byte[] sealed) {
        return sealer.open(context(bot), sealed).map(Chunk::read).orElseGet(List::of);
    }

    private static List<Recipient> read(byte[] bytes) {
        var recipients = new ArrayList<Recipient>();
        if (bytes.length == 0 || bytes[0] != VERSION) {
            return recipients;
        }
        var in = new Packed(bytes, 1);
        while (in.isMore()) {
            long chat = in.number();
            byte[] own = in.bytes((int) in.number());
            recipients.add(new Recipient(chat >>> 1 ^ -(chat & 1), own));
        }
        return recipients;
    }

    private static void write(ByteArrayOutputStream out, long number) {
        long left = number;
        while ((left & ~0x7FL) != 0) {
            out.write((int) (left & 0x7F | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }

    private static String context(BotId bot) {
        return "broadcast/recipients/" + bot;
    }

    /** Reads what was written. Not thread-safe. */
    private static final class Packed {
        private final byte[] bytes;
        private int at;

        Packed(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        boolean isMore() {
            return at < bytes.length;
        }

        long number() {
            long number = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes[at++];
                number |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return number;
                }
            }
        }

        byte[] bytes(int length) {
            byte[] part = Arrays.copyOfRange(bytes, at, at + length);
            at += length;
            return part;
        }
    }
}
