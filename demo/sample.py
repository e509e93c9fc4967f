"""Hold what the sample internet publishes: real titles and ids, everything else made up for this demo.

The papers are classics of the field, announced here as if they were new in November 2026, each with a
sentence in place of its abstract.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.internet_feeds import Paper, Post
from tests.internet_youtube import Channel, Video
from tracker.sources.arxiv_archive import submitted

KARPATHY = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
MICROSOFT = Channel(id="UCsMica-v34Irf9KVTh6xx-g", title="Microsoft Developer", handle="@MicrosoftDeveloper")
ZERO_TO_HERO = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
NOTES = "https://small-models.example"
BLOG = "https://weeknight-ml.example"

LECTURES = tuple(
    Video(
        id=video, title=title, duration=seconds, channel=channel, published=datetime(*day, tzinfo=UTC), description=text
    )
    for video, title, seconds, channel, day, text in (
        (
            "VMj-3S1tku0",
            "The spelled-out intro to neural networks and backpropagation: building micrograd",
            8752,
            KARPATHY,
            (2022, 8, 16),
            "Backpropagation and the training of a neural network, from a scalar and a graph upwards.",
        ),
        (
            "PaCmpygFfXo",
            "The spelled-out intro to language modeling: building makemore",
            7065,
            KARPATHY,
            (2022, 9, 7),
            "A bigram model of characters, first by counting, then as a network trained on the same data.",
        ),
        (
            "TCH_1BHY58I",
            "Building makemore Part 2: MLP",
            4540,
            KARPATHY,
            (2022, 9, 12),
            "A small multilayer perceptron that predicts the next character, and how to find its learning rate.",
        ),
        (
            "P6sfmUTpUmc",
            "Building makemore Part 3: Activations & Gradients, BatchNorm",
            6958,
            KARPATHY,
            (2022, 10, 4),
            "What activations and gradients look like inside, and what batch normalisation does about them.",
        ),
        (
            "q8SA3rM6ckI",
            "Building makemore Part 4: Becoming a Backprop Ninja",
            6924,
            KARPATHY,
            (2022, 10, 11),
            "The backward pass of the whole network by hand, one tensor after the other.",
        ),
        (
            "t3YJ5hKiMQ0",
            "Building makemore Part 5: Building a WaveNet",
            3382,
            KARPATHY,
            (2022, 11, 21),
            "The perceptron made deeper as a tree, as in WaveNet.",
        ),
        (
            "kCc8FmEb1nY",
            "Let's build GPT: from scratch, in code, spelled out.",
            6980,
            KARPATHY,
            (2023, 1, 17),
            "A transformer written line by line until it writes like Shakespeare, almost.",
        ),
        (
            "bZQun8Y4L2A",
            "State of GPT | BRK216HFS",
            2560,
            MICROSOFT,
            (2023, 5, 25),
            "How assistants are trained: pretraining, fine-tuning, reward modelling, reinforcement learning.",
        ),
        (
            "zduSFxRajkE",
            "Let's build the GPT Tokenizer",
            8015,
            KARPATHY,
            (2024, 2, 20),
            "Byte-pair encoding from scratch, and why so many oddities of models begin there.",
        ),
        (
            "l8pRSuU81PU",
            "Let's reproduce GPT-2 (124M)",
            14486,
            KARPATHY,
            (2024, 6, 9),
            "The smallest GPT-2 from an empty file to a trained model.",
        ),
    )
)

TALKS = (
    Video(id="7xTGNNLPyMI", title="Deep Dive into LLMs like ChatGPT", duration=12684, channel=KARPATHY,
          published=datetime(2026, 11, 5, 18, 23, tzinfo=UTC),
          description="How a model is trained, from the text of the web to a conversation, and how to think about it."),
    Video(id="EWvNQjAaOHw", title="How I use LLMs", duration=7872, channel=KARPATHY,
          published=datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
          description="Which tools to reach for, and when, shown on everyday examples."),
)  # fmt: skip

OLD_TALK = Video(id="zjkBMFhNj_g", title="[1hr Talk] Intro to Large Language Models", duration=3588, channel=KARPATHY,
                 published=datetime(2023, 11, 23, tzinfo=UTC), description="A busy person's introduction.")  # fmt: skip


def _words(count: int) -> str:
    return f"<p>{'word ' * count}</p>"


NEWSLETTER = (
    Post(slug="why-start-small", title="Why start small", published=datetime(2026, 10, 6, 8, 0, tzinfo=UTC),
         subtitle="A model that fits on a laptop teaches more than one that does not.", author="Ada Brandt", html=_words(900)),
    Post(slug="reading-a-loss-curve", title="Reading a loss curve", published=datetime(2026, 11, 3, 8, 0, tzinfo=UTC),
         subtitle="Five shapes, what each of them means, and which two you should stop at once.", author="Ada Brandt",
         html=_words(2300)),
    Post(slug="a-tokenizer-in-an-afternoon", title="A tokenizer in an afternoon",
         published=datetime(2026, 11, 10, 8, 0, tzinfo=UTC),
         subtitle="Byte-pair encoding in ninety lines, tested against the real one.", author="Ada Brandt", html=_words(1400)),
    Post(slug="the-price-of-a-reward-model", title="The price of a reward model",
         published=datetime(2026, 11, 17, 8, 0, tzinfo=UTC),
         subtitle="What it costs to learn what people like, and who pays.", author="Ada Brandt", html=_words(120),
         is_paywalled=True),
    Post(slug="what-an-evaluation-may-tell-you", title="What an evaluation may tell you",
         published=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
         subtitle="Three leaderboards, the same models, three winners: which differences are larger than the noise.",
         author="Ada Brandt", html=_words(2500)),
)  # fmt: skip

# Dated Thursday 12 November, but put online on Tuesday the 17th: news of the third week, not lost to the second.
LATE = Post(slug="notes-on-attention", title="Notes on attention, written in the margin",
            published=datetime(2026, 11, 12, 20, 0, tzinfo=UTC),
            subtitle="Queries, keys and values once more, with a pencil.", author="Sam Whitlow", html=_words(1100))  # fmt: skip
LATE_ONLINE = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
BLOG_POSTS = (
    Post(slug="hello", title="A blog for weeknights", published=datetime(2026, 9, 1, 20, 0, tzinfo=UTC),
         subtitle="What this is about.", author="Sam Whitlow", html=_words(300)),
    Post(slug="gradient-by-hand", title="One gradient, by hand", published=datetime(2026, 11, 8, 20, 0, tzinfo=UTC),
         subtitle="A single weight followed through one step of training.", author="Sam Whitlow", html=_words(800)),
)  # fmt: skip

_PAPERS = (
    ("1706.03762", "Attention Is All You Need", "Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin",
     "We drop recurrence and build a translator from attention alone, which trains in days instead of weeks."),
    ("1810.04805", "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", "Devlin, Chang, Lee, Toutanova",
     "We pretrain an encoder that reads in both directions, and fine-tune it with one more layer for eleven tasks."),
    ("2005.14165", "Language Models are Few-Shot Learners", "Brown, Mann, Ryder, Subbiah, Kaplan",
     "We train a model of 175 billion parameters that learns a task from a few examples in its prompt."),
    ("2001.08361", "Scaling Laws for Neural Language Models", "Kaplan, McCandlish, Henighan, Brown, Chess",
     "We measure how loss falls with model size, data and compute, and find power laws over many orders of magnitude."),
    ("2203.15556", "Training Compute-Optimal Large Language Models", "Hoffmann, Borgeaud, Mensch, Buchatskaya, Cai",
     "We train over 400 models and find that size and data should grow in equal steps."),
    ("2203.02155", "Training language models to follow instructions with human feedback", "Ouyang, Wu, Jiang, Almeida",
     "We fine-tune a language model on what people wrote and preferred, and people prefer it to one a hundred times larger."),
    ("2106.09685", "LoRA: Low-Rank Adaptation of Large Language Models", "Hu, Shen, Wallis, Allen-Zhu, Li",
     "We freeze the weights and train small low-rank matrices beside them, with no delay when the model is used."),
    ("2302.13971", "LLaMA: Open and Efficient Foundation Language Models", "Touvron, Lavril, Izacard, Martinet",
     "We train models of 7 to 65 billion parameters on public data only."),
    ("2305.18290", "Direct Preference Optimization: Your Language Model is Secretly a Reward Model", "Rafailov, Sharma, Mitchell, Ermon, Manning, Finn",
     "We show that preferences can be learnt with a simple classification loss, without a reward model."),
    ("2205.14135", "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness", "Dao, Fu, Ermon, Rudra, Ré",
     "We compute exact attention in tiles that stay in fast memory, and need far less of the slow one."),
    ("2104.09864", "RoFormer: Enhanced Transformer with Rotary Position Embedding", "Su, Lu, Pan, Murtadha, Wen, Liu",
     "We encode positions by rotating queries and keys, so that attention sees only the distance."),
    ("1909.08053", "Megatron-LM: Training Multi-Billion Parameter Language Models Using Model Parallelism", "Shoeybi, Patwary, Puri",
     "We split each layer over many GPUs with a few lines of code, and train 8.3 billion parameters."),
    ("2201.11903", "Chain-of-Thought Prompting Elicits Reasoning in Large Language Models", "Wei, Wang, Schuurmans, Bosma",
     "We show that a few worked examples in the prompt make large models reason step by step."),
    ("2305.14314", "QLoRA: Efficient Finetuning of Quantized LLMs", "Dettmers, Pagnoni, Holtzman, Zettlemoyer",
     "We fine-tune a 65-billion-parameter model on one GPU by keeping its frozen weights in 4 bits."),
    ("2212.08073", "Constitutional AI: Harmlessness from AI Feedback", "Bai, Kadavath, Kundu, Askell",
     "We train an assistant to be harmless by letting a model criticise answers against a short list of principles."),
    ("2307.09288", "Llama 2: Open Foundation and Fine-Tuned Chat Models", "Touvron, Martin, Stone, Albert",
     "We describe how chat models from 7 to 70 billion parameters were pretrained, tuned and tested for safety."),
    ("2310.06825", "Mistral 7B", "Jiang, Sablayrolles, Mensch, Bamford",
     "We present a 7-billion-parameter model with grouped queries and a sliding window."),
    ("2401.04088", "Mixtral of Experts", "Jiang, Sablayrolles, Roux, Mensch",
     "We present a mixture of eight experts per layer, of which two work on each token."),
    ("2312.00752", "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", "Gu, Dao",
     "We let a state space model choose what to keep, and match transformers in time linear in length."),
    ("2403.04132", "Chatbot Arena: An Open Platform for Evaluating LLMs by Human Preference", "Chiang, Zheng, Sheng, Angelopoulos",
     "We rank models by the votes of people who compare two anonymous answers."),
    ("1508.07909", "Neural Machine Translation of Rare Words with Subword Units", "Sennrich, Haddow, Birch",
     "We translate rare words as sequences of subword units found by byte-pair encoding."),
    ("1607.06450", "Layer Normalization", "Ba, Kiros, Hinton",
     "We normalise over a layer's units instead of over a batch, the same in training and test."),
    ("1412.6980", "Adam: A Method for Stochastic Optimization", "Kingma, Ba",
     "We introduce an optimiser that adapts each step to running averages of the gradient and of its square."),
    ("1409.0473", "Neural Machine Translation by Jointly Learning to Align and Translate", "Bahdanau, Cho, Bengio",
     "We let the decoder look softly for the parts of the source sentence that matter for the next word."),
    ("2101.00027", "The Pile: An 800GB Dataset of Diverse Text for Language Modeling", "Gao, Biderman, Black, Golding",
     "We release 800 GB of English text put together from 22 sources."),
    ("2109.01652", "Finetuned Language Models Are Zero-Shot Learners", "Wei, Bosma, Zhao, Guu",
     "We tune a model on tasks phrased as instructions, and it does better on tasks that it never saw."),
    ("2204.02311", "PaLM: Scaling Language Modeling with Pathways", "Chowdhery, Narang, Devlin, Bosma",
     "We train a dense model of 540 billion parameters on two pods of accelerators."),
    ("2211.17192", "Fast Inference from Transformers via Speculative Decoding", "Leviathan, Kalman, Matias",
     "We let a small model draft several tokens and the large one check them at once, with the same output."),
    ("2309.06180", "Efficient Memory Management for Large Language Model Serving with PagedAttention", "Kwon, Li, Zhuang, Sheng",
     "We store the keys and values of attention in pages, as an operating system does, and waste almost no memory."),
    ("2305.13245", "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints", "Ainslie, Lee-Thorp, de Jong",
     "We turn multi-head checkpoints into ones whose heads share keys and values, with little training."),
    ("1911.02150", "Fast Transformer Decoding: One Write-Head is All You Need", "Shazeer",
     "We share keys and values between all heads, which makes decoding much faster."),
    ("2002.05202", "GLU Variants Improve Transformer", "Shazeer",
     "We try gated linear units in the feed-forward layers of a transformer, and several of them help."),
    ("2206.07682", "Emergent Abilities of Large Language Models", "Wei, Tay, Bommasani, Raffel",
     "We list abilities that are absent in small models and present in large ones."),
    ("2009.03300", "Measuring Massive Multitask Language Understanding", "Hendrycks, Burns, Basart, Zou",
     "We propose a test of 57 subjects, from mathematics to law."),
    ("2107.03374", "Evaluating Large Language Models Trained on Code", "Chen, Tworek, Jun, Yuan",
     "We fine-tune a model on public code and measure whether its programs run."),
    ("2210.11416", "Scaling Instruction-Finetuned Language Models", "Chung, Hou, Longpre, Zoph",
     "We tune models on 1,800 tasks and find that more tasks, larger models and worked reasoning all help."),
)  # fmt: skip

FIRST_BATCH = date(2026, 11, 2)
BATCHES = (3, 3, 2, 2, 2)  # papers from Monday to Friday


def papers_of(day: date) -> tuple[Paper, ...]:
    """Give a day's batch: twelve papers a week, the last of each batch first listed in another category."""
    weeks, weekday = divmod((day - FIRST_BATCH).days, 7)
    if weekday >= len(BATCHES):
        return ()
    first = weeks * sum(BATCHES) + sum(BATCHES[:weekday])
    chosen = _PAPERS[first : first + BATCHES[weekday]]
    return tuple(
        Paper(
            id=number,
            title=title,
            authors=authors,
            abstract=f"{title.split(':')[0]} needs no introduction. {sentence} The real abstract is one click away.",
            announce_type="cross" if number == chosen[-1][0] else "new",
        )
        for number, title, authors, sentence in chosen
    )


def announced(now: datetime) -> list[tuple[Paper, datetime]]:
    """List the papers of every batch so far, each submitted an hour before its batch was full."""
    days = (FIRST_BATCH + timedelta(days=each) for each in range((now.date() - FIRST_BATCH).days + 1))
    return [(paper, submitted(day)[1] - timedelta(hours=1)) for day in days for paper in papers_of(day)]


def online(posts: tuple[Post, ...], now: datetime) -> tuple[Post, ...]:
    """Give the posts that are public by now, newest first."""
    public = [post for post in posts if post.published <= now]
    if now >= LATE_ONLINE and posts is BLOG_POSTS:
        public.append(LATE)
    return tuple(sorted(public, key=lambda post: post.published, reverse=True))


def talks_of(now: datetime) -> list[Video]:
    """Give the channel's videos that are public by now, newest first."""
    return sorted(
        (talk for talk in (*TALKS, OLD_TALK) if talk.published <= now), key=lambda talk: talk.published, reverse=True
    )
