/* SPDX-License-Identifier: MIT */

/*
 * The notifier protocol of kvmlab.bench.notifier, by hand, for Spin: one step for each event of the
 * Java program. A lock takes two steps, the request and what follows the grant; what a lock guards
 * is touched in the step of the lock, as plain accesses are no events there either.
 *
 * GUARD 0: none (S1), 1: semaphore (S2, with NESTED S3), 2: count and wait (S5).
 * DEFECT 1: nobody is woken, 2: the state is set too late.
 */
#ifndef INVALIDATORS
#define INVALIDATORS 1
#endif
#ifndef VCPUS
#define VCPUS 1
#endif
#ifndef UPDATERS
#define UPDATERS 1
#endif
#ifndef GUARD
#define GUARD 0
#endif
#ifndef DEFECT
#define DEFECT 0
#endif
#define TASKS (INVALIDATORS + UPDATERS + VCPUS)

/* Locks with one owner, handed over in the order of the requests. */
#define MMU 0
#define ACTIVE 1
#define SLOTS 2
byte owner[3];
chan queue[3] = [TASKS] of { byte };

/* The semaphore; a request says whether it is for writing. */
byte writer, readers;
chan waiting = [TASKS] of { byte, bit };

bit granted[TASKS];
hidden byte next;

/* What they guard. */
short notifierCount;
byte activeCount, spte;

/* What needs no lock. */
byte seq, memslots = 1, hostPfn = 1;
byte registered;
bit sleeping, told;
byte ended;

inline request(l) {
  d_step {
    if
    :: owner[l] == 0 -> owner[l] = me + 1; granted[me] = 1
    :: else -> queue[l]!me
    fi
  }
}

#define GRANTED granted[me]; granted[me] = 0

inline unlock(l) {
  d_step {
    if
    :: nempty(queue[l]) -> queue[l]?next; owner[l] = next + 1; granted[next] = 1
    :: empty(queue[l]) -> owner[l] = 0
    fi;
    next = 0
  }
}

inline admit() {
  do
  :: writer == 0 && waiting?[next, 0] -> waiting?next, 0; readers++; granted[next] = 1
  :: writer == 0 && readers == 0 && waiting?[next, 1] ->
     waiting?next, 1; writer = next + 1; granted[next] = 1; break
  :: else -> break
  od;
  next = 0
}

inline downRead() {
  d_step {
    if
    :: writer == 0 && len(waiting) == 0 -> readers++; granted[me] = 1
    :: else -> waiting!me, 0
    fi
  }
  atomic { GRANTED }
}

inline downWrite() {
  d_step {
    if
    :: writer == 0 && readers == 0 && len(waiting) == 0 -> writer = me + 1; granted[me] = 1
    :: else -> waiting!me, 1
    fi
  }
  atomic { GRANTED }
}

inline start() {
#if GUARD == 1
  downRead();
#endif
#if GUARD == 2
  request(ACTIVE);
  atomic { GRANTED; activeCount++ }
  unlock(ACTIVE);
#endif
  hit = memslots;
  if
  :: hit -> hit = 0; request(MMU); atomic { GRANTED; notifierCount++; spte = 0 }; unlock(MMU)
  :: else
  fi
}

inline end() {
  hit = memslots;
  if
  :: hit ->
     hit = 0;
     request(MMU);
     atomic { GRANTED; }
     d_step { seq++; notifierCount--; assert(notifierCount >= 0) }
     unlock(MMU)
  :: else
  fi;
#if GUARD == 1
  d_step { readers--; admit() }
#endif
#if GUARD == 2
  request(ACTIVE);
  atomic { GRANTED; activeCount--; hit = activeCount == 0 }
  unlock(ACTIVE);
#if DEFECT != 1
  if
  :: hit -> d_step { hit = 0; if :: registered -> sleeping = 0 :: else fi }
  :: else
  fi
#else
  hit = 0
#endif
#endif
}

proctype invalidator(byte me; byte pfn) {
  bit hit;
  start();
#ifdef NESTED
  if
  :: me == 0 -> told
  :: else
  fi;
#else
  hostPfn = pfn;
#endif
  end();
#ifdef NESTED
  if
  :: me == 1 -> told = 1
  :: else
  fi;
#endif
  ended++
}

proctype updater(byte me) {
#if UPDATERS > 1
  request(SLOTS);
  atomic { GRANTED }
#endif
#if GUARD == 1
  downWrite();
#endif
#if GUARD == 2
  request(ACTIVE);
  atomic { GRANTED }
  registered = 1;
  do
  :: activeCount != 0 ->
#if DEFECT != 2
     sleeping = 1;
#endif
     unlock(ACTIVE);
#if DEFECT == 2
     sleeping = 1;
#endif
     !sleeping;
     request(ACTIVE);
     atomic { GRANTED }
  :: else -> break
  od;
  registered = 0;
#endif
  memslots = 0;
#if GUARD == 1
  d_step { writer = 0; admit() }
#endif
#if GUARD == 2
  unlock(ACTIVE);
#endif
  request(MMU);
  atomic { GRANTED; spte = 0 }
  unlock(MMU);
#if UPDATERS > 1
  unlock(SLOTS);
#endif
  ended++
}

proctype vcpu(byte me) {
  byte seen, pfn, tries;
  bit retry;
  do
  :: tries < 2 ->
     seen = seq;
     if
     :: memslots == 0 -> break
     :: else
     fi;
     pfn = hostPfn;
     request(MMU);
     atomic { GRANTED; retry = notifierCount > 0 }
     if
     :: !retry -> retry = seq != seen
     :: else
     fi;
     d_step { if :: !retry -> spte = pfn :: else fi; seen = 0; pfn = 0 }
     unlock(MMU);
     if
     :: retry -> retry = 0; tries++
     :: else -> break
     fi
  :: else -> break
  od;
  ended++
}

init {
  atomic {
    byte i = 0;
    do
    :: i < INVALIDATORS -> run invalidator(i, 2 + i); i++
    :: else -> break
    od;
    do
    :: i < INVALIDATORS + UPDATERS -> run updater(i); i++
    :: else -> break
    od;
    do
    :: i < TASKS -> run vcpu(i); i++
    :: else -> break
    od
  }
  ended == TASKS ->
  d_step {
    assert(notifierCount == 0);
    assert(memslots == 0 || spte == 0 || spte == hostPfn)
  }
}
