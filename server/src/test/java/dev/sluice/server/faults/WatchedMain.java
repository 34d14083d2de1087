package dev.sluice.server.faults;

import dev.sluice.server.Main;
import java.nio.file.Path;

/** The program, which writes down when it was kept waiting: the first argument says where, the others are the program's. */
final class WatchedMain {
    private WatchedMain() {}

    public static void main(String[] args) {
        Stalls.write(Path.of(args[0]));
        Main.main(java.util.Arrays.copyOfRange(args, 1, args.length));
    }
}
