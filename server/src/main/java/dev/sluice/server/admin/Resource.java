package dev.sluice.server.admin;

import java.util.List;

/** What belongs together of the admin API; a new one is one class, and one line where the server is put together. */
public interface Resource {
    /** Everything that can be asked of it. */
    List<Operation> operations();
}
