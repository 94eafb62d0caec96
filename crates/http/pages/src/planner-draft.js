// Drafts of seat plans, kept in the browser until they are saved: one for each hall and user.

const keyOf = (userId, hallId) => `stagedoor.plan.${userId}.${hallId}`;

/** The draft of a hall: its `plan`, the version it was made of, and when it was kept. */
export function keptDraft(userId, hallId) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(userId, hallId))) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a draft; answers whether there was room for it. */
export function keepDraft(userId, hallId, draft) {
  try {
    localStorage.setItem(keyOf(userId, hallId), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export const dropDraft = (userId, hallId) => localStorage.removeItem(keyOf(userId, hallId));
